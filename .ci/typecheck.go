// Typecheck says whether all packages and their tests are right for another system, and what go vet would say there, without compiling them
// and all that they import for that system.
//
//	go run -modfile=.ci/tools.mod .ci/typecheck.go darwin/arm64 linux/arm64
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/buildtag"
	"golang.org/x/tools/go/analysis/passes/composite"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/directive"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/hostport"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/slog"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/testinggoroutine"
	"golang.org/x/tools/go/analysis/passes/tests"
	"golang.org/x/tools/go/analysis/passes/timeformat"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unsafeptr"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
	"golang.org/x/tools/go/packages"
)

// vet is what go vet looks for.
func vet() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		appends.Analyzer,
		assign.Analyzer,
		atomic.Analyzer,
		bools.Analyzer,
		buildtag.Analyzer,
		composite.Analyzer,
		copylock.Analyzer,
		directive.Analyzer,
		errorsas.Analyzer,
		hostport.Analyzer,
		httpresponse.Analyzer,
		ifaceassert.Analyzer,
		lostcancel.Analyzer,
		nilfunc.Analyzer,
		printf.Analyzer,
		shift.Analyzer,
		sigchanyzer.Analyzer,
		slog.Analyzer,
		stdmethods.Analyzer,
		stringintconv.Analyzer,
		structtag.Analyzer,
		testinggoroutine.Analyzer,
		tests.Analyzer,
		timeformat.Analyzer,
		unmarshal.Analyzer,
		unreachable.Analyzer,
		unsafeptr.Analyzer,
		unusedresult.Analyzer,
		waitgroup.Analyzer,
	}
}

func main() {
	for _, target := range os.Args[1:] {
		if err := check(target); err != nil {
			fmt.Fprintln(os.Stderr, target+":", err)
			os.Exit(1)
		}
	}
}

func check(target string) error {
	system, machine, ok := strings.Cut(target, "/")
	here, err := os.Getwd()
	if err != nil || !ok {
		return fmt.Errorf("say a system and a machine, as in darwin/arm64: %v", err)
	}
	here += string(filepath.Separator)
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
		Env:   append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine),
		Tests: true,
		// What functions of others do has been checked by those who wrote them.
		ParseFile: func(files *token.FileSet, name string, text []byte) (*ast.File, error) {
			f, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution|parser.ParseComments)
			if f != nil && !strings.HasPrefix(name, here) {
				for _, d := range f.Decls {
					if fn, ok := d.(*ast.FuncDecl); ok {
						fn.Body = nil
					}
				}
			}
			return f, err
		},
	}, "./...")
	if err != nil {
		return err
	}
	var ours []*packages.Package
	wrong := 0
	packages.Visit(list, nil, func(p *packages.Package) {
		p.IllTyped = false // of others it says that imports are unused, which is of the functions that are left out
		if len(p.GoFiles) == 0 || !strings.HasPrefix(p.GoFiles[0], here) {
			p.Errors = nil
			return
		}
		ours = append(ours, p)
		for _, e := range p.Errors {
			wrong++
			fmt.Fprintln(os.Stderr, e)
		}
	})
	if wrong > 0 || len(ours) < 50 {
		return fmt.Errorf("%d errors in %d packages", wrong, len(ours))
	}
	seen, err := checker.Analyze(vet(), ours, nil)
	if err != nil {
		return err
	}
	for a := range seen.All() {
		if a.Err != nil && a.IsRoot {
			return fmt.Errorf("%s of %s: %v", a.Analyzer.Name, a.Package.ID, a.Err)
		}
		for _, d := range a.Diagnostics {
			if a.IsRoot {
				wrong++
				fmt.Fprintf(os.Stderr, "%s: %s (%s)\n", a.Package.Fset.Position(d.Pos), d.Message, a.Analyzer.Name)
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("vet finds %d faults", wrong)
	}
	fmt.Printf("%s: %d packages and tests\n", target, len(ours))
	return nil
}
