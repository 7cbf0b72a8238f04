// A program of the size and texture of the service mesh, for the benchmark: an HTTP proxy with the libraries of such programs.
// It is packed, downloaded and unpacked. It runs only for a smoke test, which asks for its version or passes a command.
package main

import (
	"compress/gzip"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html/template"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/rpc"
	"net/url"
	"os"
	"os/exec"
)

func main() {
	target, err := url.Parse("http://127.0.0.1:" + os.Getenv("APP_PORT"))
	if err != nil {
		slog.Error("bad port", "error", err)
		os.Exit(1)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	page := template.Must(template.New("page").Parse("<p>{{.}}</p>"))

	http.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		zipped := gzip.NewWriter(w)
		defer zipped.Close()
		_ = page.Execute(zipped, r.URL.Path)
		_ = json.NewEncoder(zipped).Encode(sql.Drivers())
		_ = xml.NewEncoder(zipped).Encode(r.Header)
		if picture, err := png.Decode(r.Body); err == nil {
			_ = png.Encode(zipped, picture)
		}
	})
	http.Handle("/rpc", rpc.NewServer())
	http.Handle("/", proxy)
	if len(os.Args) > 1 && os.Args[1] != "-v" {
		if err := exec.Command(os.Args[1], os.Args[2:]...).Run(); err != nil {
			os.Exit(1)
		}
	}
	if len(os.Args) > 1 {
		fmt.Println("heroku-applink-service-mesh version v0.1.2")
		return
	}
	slog.Error("ended", "error", http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
