package secret_test

import (
	"encoding/json"
	"fmt"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

func ExampleNew() {
	key := secret.New("sk_test_1234")
	fmt.Println(key)
	fmt.Printf("%+v\n", struct{ APIKey secret.String }{key})
	fmt.Println(key.Reveal())
	// Output:
	// [redacted]
	// {APIKey:[redacted]}
	// sk_test_1234
}

func ExampleString_Equal() {
	fmt.Println(secret.New("a").Equal(secret.New("a")))
	fmt.Println(secret.New("a").Equal(secret.New("b")))
	// Output:
	// true
	// false
}

func ExampleString_UnmarshalText() {
	var config struct {
		APIKey secret.String `json:"api_key"`
	}
	err := json.Unmarshal([]byte(`{"api_key":"sk_test_1234"}`), &config)
	out, _ := json.Marshal(config)
	fmt.Println(err, string(out))
	// Output: <nil> {"api_key":"[redacted]"}
}
