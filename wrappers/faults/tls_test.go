package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// authority signs the certificates of the tests. They hold for any year, for the fake clock begins with 2000.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

var theAuthority = sync.OnceValue(func() *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fault matrix"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: year(1990), NotAfter: year(2090),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	cert, err := x509.ParseCertificate(raw)
	must(err)
	return &authority{cert, key}
})

func year(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// pool trusts the authority.
func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// issue makes a certificate for an address or a name.
func (a *authority) issue(host string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, NotBefore: year(1990), NotAfter: year(2090),
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// The ways in which a server's TLS may be wrong.
type trust uint8

const (
	trusted   trust = iota
	stranger        // nobody vouches for it
	otherName       // its certificate is for another host
	oldTLS          // it speaks TLS 1.1 at most
)

// useTLS puts the server of the cell behind TLS.
func (c *cell) useTLS(how trust) {
	c.Helper()
	a := theAuthority()
	host := "127.0.0.1"
	if how == otherName {
		host = "other.example.com"
	}
	conf := &tls.Config{Certificates: []tls.Certificate{a.issue(host)}, MinVersion: tls.VersionTLS10}
	if how == oldTLS {
		conf.MaxVersion = tls.VersionTLS11
	}
	c.server.serveTLS(conf)
	c.base = c.server.url
	c.transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool()}}
	if how == stranger {
		c.transport.TLSClientConfig.RootCAs = x509.NewCertPool()
	}
}
