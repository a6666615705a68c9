package io.l4lb.structure.hotpath;

import io.l4lb.structure.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Class files by internal name, and which method a call may end in. */
final class ByteCode {
    private final Map<String, ClassModel> classes = new HashMap<>();

    /** A method where it is declared. */
    record Method(String owner, MethodModel model) {
        String key() {
            return owner
                    + '.'
                    + model.methodName().stringValue()
                    + model.methodType().stringValue();
        }

        /** {@return such as io.l4lb.pin.Pin.run} */
        String title() {
            return owner.replace('/', '.') + '.' + model.methodName().stringValue();
        }
    }

    /** Reads all class files below the folders. */
    static ByteCode of(List<Path> folders) {
        ByteCode code = new ByteCode();
        for (Path folder : folders) {
            for (Path file : Repository.filesBelow(folder, ".class")) {
                try {
                    ClassModel model = ClassFile.of().parse(file);
                    code.classes.put(model.thisClass().asInternalName(), model);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return code;
    }

    boolean contains(String owner) {
        return classes.containsKey(owner);
    }

    /** {@return the class that declares the method, {@code owner} itself or one above it, known here or not} */
    String declaringClass(String owner, String name, String type) {
        String at = owner;
        while (classes.containsKey(at) && declared(at, name, type).isEmpty()) {
            Optional<ClassEntry> above = classes.get(at).superclass();
            if (above.isEmpty()) {
                return at;
            }
            at = above.get().asInternalName();
        }
        return at;
    }

    /** {@return whether that field of that very class is final; fields of classes not known here count as final} */
    boolean isFinal(String owner, String field) {
        return !classes.containsKey(owner)
                || classes.get(owner).fields().stream()
                        .filter(model -> model.fieldName().equalsString(field))
                        .allMatch(model -> model.flags().has(AccessFlag.FINAL));
    }

    Optional<Method> declared(String owner, String name, String type) {
        return Optional.ofNullable(classes.get(owner))
                .flatMap(model -> model.methods().stream()
                        .filter(method -> method.methodName().equalsString(name)
                                && method.methodType().equalsString(type))
                        .findFirst()
                        .map(method -> new Method(owner, method)));
    }

    /** {@return the methods of that name, whatever their parameters} */
    List<Method> named(String owner, String name) {
        return classes.get(owner).methods().stream()
                .filter(method -> method.methodName().equalsString(name))
                .map(method -> new Method(owner, method))
                .toList();
    }

    /** {@return the methods below {@code owner}, a class or an interface, that a virtual call may end in} */
    List<Method> overrides(String owner, String name, String type) {
        List<Method> found = new ArrayList<>();
        for (String candidate : classes.keySet()) {
            if (!candidate.equals(owner) && isBelow(candidate, owner)) {
                declared(declaringClass(candidate, name, type), name, type).ifPresent(found::add);
            }
        }
        return found;
    }

    private boolean isBelow(String name, String above) {
        ClassModel model = classes.get(name);
        if (name.equals(above) || model == null) {
            return name.equals(above);
        }
        return model.superclass()
                        .map(entry -> isBelow(entry.asInternalName(), above))
                        .orElse(false)
                || model.interfaces().stream().anyMatch(entry -> isBelow(entry.asInternalName(), above));
    }
}
