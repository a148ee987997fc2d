package cli

import "net/url"

// checkSignURL refuses what is no URL of a request, and says what is of no use.
func checkSignURL(text string, sign []string) (said string, err error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "" { // the text of err may quote a password
		return "", misuse("--sign-url: write the whole URL that the receiver is known by: https://HOST/PATH")
	}
	if len(sign) == 0 {
		said = "--sign-url is what signatures cover, and without --sign nothing is signed"
	}
	return said, nil
}
