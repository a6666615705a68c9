package io.l4lb.structure.hotpath;

import io.l4lb.structure.hotpath.ByteCode.Method;
import io.l4lb.structure.hotpath.HotMethod.Step;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Follows the calls from one method through all of io.l4lb and collects what the rules forbid. A method counts as called
 * per packet when a loop calls it, or a method that is itself called per packet; class initialisers do not count, they
 * run before the first packet.
 */
final class HotPathWalk {
    private static final int INLINE_LIMIT_BYTES = 325;

    /** A breach of the rules, with the calls that lead there. */
    record Finding(HotPathSin sin, String what, String path) {
        @Override
        public String toString() {
            return sin + ": " + what + "\n      reached by " + path;
        }
    }

    private record Visit(Method method, boolean perPacket, String path) {}

    private final ByteCode code;
    private final Predicate<String> production;
    private final Map<String, Boolean> seen = new HashMap<>();
    private final Deque<Visit> open = new ArrayDeque<>();
    private final Map<String, Finding> findings = new LinkedHashMap<>();

    private HotPathWalk(ByteCode code, Predicate<String> production) {
        this.code = code;
        this.production = production;
    }

    /**
     * Walks.
     *
     * @param production which classes an interface call may end in
     */
    static HotPathWalk from(ByteCode code, String owner, String method, Predicate<String> production) {
        HotPathWalk walk = new HotPathWalk(code, production);
        code.named(owner, method).forEach(start -> walk.enter(start, false, ""));
        while (!walk.open.isEmpty()) {
            walk.visit(walk.open.remove());
        }
        return walk;
    }

    List<Finding> findings() {
        return List.copyOf(findings.values());
    }

    /** {@return such as io.l4lb.pin.Pin.run, of all methods that were reached} */
    List<String> methods() {
        return seen.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('(')).replace('/', '.'))
                .sorted()
                .toList();
    }

    private void enter(Method method, boolean perPacket, String path) {
        Boolean before = seen.get(method.key());
        if (before == null || (perPacket && !before)) {
            seen.put(method.key(), perPacket);
            open.add(new Visit(method, perPacket, path + (path.isEmpty() ? "" : " -> ") + shortTitle(method)));
        }
    }

    private static String shortTitle(Method method) {
        return method.owner().substring(method.owner().lastIndexOf('/') + 1)
                + '.'
                + method.model().methodName().stringValue();
    }

    private void visit(Visit visit) {
        Method method = visit.method;
        if (method.model().flags().has(AccessFlag.SYNCHRONIZED)) {
            report(HotPathSin.LOCK, visit, 0, "is synchronized");
        }
        int length = method.model()
                .code()
                .map(body -> ((CodeAttribute) body).codeLength())
                .orElse(0);
        if (visit.perPacket && length > INLINE_LIMIT_BYTES) {
            report(HotPathSin.TOO_LARGE, visit, 0, "has " + length + " byte codes");
        }
        boolean burstLoop = HotPathRules.BURST_LOOPS.containsKey(method.title());
        for (Step step : HotMethod.steps(method)) {
            boolean perPacket = visit.perPacket || (step.inLoop() && !burstLoop);
            if (step.instruction() instanceof InvokeInstruction call) {
                call(visit, step, call, perPacket);
            } else {
                HotPathRules.judge(step.instruction(), code)
                        .ifPresent(sin -> report(
                                sin,
                                visit,
                                step.line(),
                                step.instruction().opcode().name()));
            }
        }
    }

    private void call(Visit visit, Step step, InvokeInstruction call, boolean perPacket) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        String type = call.type().stringValue();
        String declaring = code.declaringClass(owner, name, type);
        String callee = declaring.replace('/', '.') + '.' + name;
        if (!code.contains(declaring)) {
            HotPathRules.judgeOutside(call, declaring, visit.method.owner(), perPacket)
                    .ifPresent(sin -> report(sin, visit, step.line(), callee));
            return;
        }
        if (call.opcode() == Opcode.INVOKEINTERFACE) {
            judgeInterface(owner, perPacket).ifPresent(sin -> report(sin, visit, step.line(), callee));
        }
        code.declared(declaring, name, type).ifPresent(method -> enter(method, perPacket, visit.path));
        if (call.opcode() == Opcode.INVOKEVIRTUAL || call.opcode() == Opcode.INVOKEINTERFACE) {
            code.overrides(owner, name, type).stream()
                    .filter(method -> production.test(method.owner()))
                    .forEach(method -> enter(method, perPacket, visit.path));
        }
    }

    private static Optional<HotPathSin> judgeInterface(String owner, boolean perPacket) {
        if (!HotPathRules.INTERFACES.contains(owner)) {
            return Optional.of(HotPathSin.INTERFACE_CALL);
        }
        return perPacket ? Optional.of(HotPathSin.PER_PACKET_CALL) : Optional.empty();
    }

    private void report(HotPathSin sin, Visit visit, int line, String what) {
        String at = visit.method.title() + (line == 0 ? "" : ":" + line);
        Finding finding = new Finding(sin, at + ": " + what, visit.path);
        findings.putIfAbsent(finding.sin + finding.what, finding);
    }
}
