package io.l4lb.structure;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Methods and variables of Java sources, as javac parses them. */
final class SourceShape {
    /** A method with a body; {@code lines} from its first modifier to its closing brace. */
    record Method(String place, long lines) {}

    /** A field, record component, parameter or local variable. */
    record Variable(String place, String name) {}

    /** An import, static or not, in a file of package {@code from}. */
    record Import(String place, String from, String to) {}

    private final List<Import> imports = new ArrayList<>();
    private final List<Method> methods = new ArrayList<>();
    private final List<Variable> variables = new ArrayList<>();

    private SourceShape() {}

    static SourceShape of(List<Path> sources) {
        SourceShape shape = new SourceShape();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                shape.new Scanner(unit, positions).scan(unit, null);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return shape;
    }

    List<Method> methods() {
        return methods;
    }

    /** Unlike byte code these show a constant of another package, which javac copies. */
    List<Import> imports() {
        return imports;
    }

    List<Variable> variables() {
        return variables;
    }

    private final class Scanner extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final LineMap lines;

        Scanner(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
            this.lines = unit.getLineMap();
        }

        @Override
        public Void visitImport(ImportTree tree, Void unused) {
            long line = lines.getLineNumber(positions.getStartPosition(unit, tree));
            String from = unit.getPackageName().toString();
            imports.add(
                    new Import(place(line), from, tree.getQualifiedIdentifier().toString()));
            return super.visitImport(tree, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            if (method.getBody() != null) {
                long first = lines.getLineNumber(positions.getStartPosition(unit, method));
                long last = lines.getLineNumber(positions.getEndPosition(unit, method.getBody()));
                methods.add(new Method(place(first) + ' ' + method.getName(), last - first + 1));
            }
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitVariable(VariableTree variable, Void unused) {
            long line = lines.getLineNumber(positions.getStartPosition(unit, variable));
            variables.add(new Variable(place(line), variable.getName().toString()));
            return super.visitVariable(variable, null);
        }

        private String place(long line) {
            Path file = Path.of(unit.getSourceFile().toUri());
            return Repository.ROOT.toAbsolutePath().relativize(file) + ":" + line;
        }
    }
}
