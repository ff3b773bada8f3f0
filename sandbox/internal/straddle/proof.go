// Proofs that a customer agreed to a payment.

package straddle

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// proofForms are what files begin with that can be a proof, by the extension of their name.
var proofForms = map[string]string{
	".pdf": "%PDF-", ".png": "\x89PNG\r\n\x1a\n", ".jpg": "\xff\xd8\xff", ".jpeg": "\xff\xd8\xff",
	".doc": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx": "PK\x03\x04",
}

// uploadProof judges a call that adds a proof to a payment. The file itself is not kept.
func (s *Fake) uploadProof(c *engine.Call, r *resource[payment]) engine.Verdict {
	name, content := fileOf(c)
	form, known := proofForms[engine.Lower(path.Ext(name))]
	switch {
	case !known:
		return unprocessable(c, "The file is not valid", stItem{"File", "must be a pdf, png, jpg, jpeg, doc or docx by its name"})
	case !bytes.HasPrefix(content, []byte(form)):
		return unprocessable(c, "The file is not valid", stItem{"File", "its content must fit its extension"})
	}
	return doing(http.StatusCreated, func() any {
		r.Value.Documents = added(r.Value.Documents, straddleapi.PaymentAuthorizationProof{
			DocumentID: s.IDs.UUID(), DocumentName: engine.Cut(name), DocumentSize: int64(len(content)),
			DocumentType: straddleapi.PaymentDocumentTypePaymentAuthorization, UploadedAt: stamp(c.Now),
		}, documentLimit)
		s.changed(r, c.Now)
		return r.Value.shown()
	})
}

// fileOf returns the file in the form of a call, which the document has seen.
func fileOf(c *engine.Call) (name string, content []byte) {
	_, params, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	form := multipart.NewReader(bytes.NewReader(c.Body), params["boundary"])
	for part, err := form.NextRawPart(); err == nil; part, err = form.NextRawPart() {
		if part.FormName() == "File" {
			content, _ = io.ReadAll(part)
			return part.FileName(), content
		}
	}
	return "", nil
}
