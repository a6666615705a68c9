package io.l4lb.structure.hotpath;

import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.util.ArrayList;
import java.util.List;

/**
 * The instructions of one method that run in production, each with its line and whether it lies in a loop. Left out: what
 * only {@code assert} runs, and the catch clause that {@code MethodHandle.invokeExact} demands but never enters.
 */
final class HotMethod {
    private static final String UNEXPECTED = "io/l4lb/dpdk/binding/NativeLibrary.unexpected";

    /** {@code to} is the first byte code behind. */
    private record Range(int from, int to) {
        boolean contains(int index) {
            return from <= index && index < to;
        }
    }

    record Step(Instruction instruction, int line, boolean inLoop) {}

    private record Placed(Instruction instruction, int index, int line) {}

    private final CodeAttribute code;
    private final List<Placed> all = new ArrayList<>();
    private final List<Range> loops = new ArrayList<>();
    private final List<Range> leftOut = new ArrayList<>();

    private HotMethod(CodeAttribute code) {
        this.code = code;
    }

    /** {@return the method's steps; none when it has no code} */
    static List<Step> steps(ByteCode.Method method) {
        return method.model()
                .code()
                .map(code -> new HotMethod((CodeAttribute) code).read())
                .orElse(List.of());
    }

    private List<Step> read() {
        place();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).instruction instanceof BranchInstruction branch) {
                branch(i, branch);
            }
        }
        for (CodeElement element : code) {
            if (element instanceof ExceptionCatch handler) {
                leaveOutUnexpected(handler);
            }
        }
        return all.stream()
                .filter(placed -> leftOut.stream().noneMatch(range -> range.contains(placed.index)))
                .map(placed -> new Step(
                        placed.instruction,
                        placed.line,
                        loops.stream().anyMatch(range -> range.contains(placed.index))))
                .toList();
    }

    private void place() {
        int index = 0;
        int line = 0;
        for (CodeElement element : code) {
            switch (element) {
                case LineNumber number -> line = number.line();
                case Instruction instruction -> {
                    all.add(new Placed(instruction, index, line));
                    index += instruction.sizeInBytes();
                }
                default -> {}
            }
        }
    }

    private void branch(int i, BranchInstruction branch) {
        int at = all.get(i).index;
        int target = code.labelToBci(branch.target());
        if (target <= at) {
            loops.add(new Range(target, at + 1));
        } else if (i > 0
                && branch.opcode() == Opcode.IFNE
                && all.get(i - 1).instruction instanceof FieldInstruction field
                && field.name().equalsString("$assertionsDisabled")) {
            leftOut.add(new Range(at, target));
        }
    }

    /** The clause must guard an invokeExact and be no more than {@code throw NativeLibrary.unexpected(t)}. */
    private void leaveOutUnexpected(ExceptionCatch handler) {
        Range guarded = new Range(code.labelToBci(handler.tryStart()), code.labelToBci(handler.tryEnd()));
        int start = code.labelToBci(handler.handler());
        List<Placed> clause = all.stream()
                .filter(placed -> placed.index >= start)
                .limit(4) // astore, aload, invokestatic, athrow
                .toList();
        boolean guardsDowncall = all.stream()
                .anyMatch(placed ->
                        guarded.contains(placed.index) && calls(placed, "java/lang/invoke/MethodHandle.invokeExact"));
        if (guardsDowncall && clause.size() == 4 && calls(clause.get(2), UNEXPECTED)) {
            Placed last = clause.getLast();
            if (last.instruction.opcode() == Opcode.ATHROW) {
                leftOut.add(new Range(start, last.index + 1));
            }
        }
    }

    private static boolean calls(Placed placed, String ownerAndName) {
        return placed.instruction instanceof InvokeInstruction call
                && ownerAndName.equals(
                        call.owner().asInternalName() + '.' + call.name().stringValue());
    }
}
