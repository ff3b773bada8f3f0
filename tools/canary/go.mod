module github.com/fintoken/fintoken-go/tools/canary

go 1.25.0

require github.com/fintoken/fintoken-go v0.0.0

replace github.com/fintoken/fintoken-go => ../..
