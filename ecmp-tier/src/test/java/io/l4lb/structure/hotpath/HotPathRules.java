package io.l4lb.structure.hotpath;

import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Judges single instructions. The lists of what is allowed are here and nowhere else. */
final class HotPathRules {
    /** Called at most once a burst; their implementations are walked through. */
    static final Set<String> INTERFACES = Set.of(
            "io/l4lb/dpdk/RxQueue", "io/l4lb/dpdk/TxQueue", "io/l4lb/dpdk/MbufRelease", "io/l4lb/dpdk/MbufSource");

    /** Loops that do not go over packets: what they call is still called once a burst. */
    static final Map<String, String> BURST_LOOPS = Map.of(
            "io.l4lb.worker.Worker.doWork", "goes over ethPorts",
            "io.l4lb.worker.Worker.release", "goes over bursts of fragments that were held",
            "io.l4lb.transmit.Transmit.offer", "offers again what the device did not take, four times at most in vain");

    private static final String BINDING = "io/l4lb/dpdk/";
    private static final String MEMORY = "io/l4lb/dpdk/Memory";
    private static final String CIPHER = "io/l4lb/cid/CidCipher";
    private static final Pattern MEMORY_ACCESS =
            Pattern.compile("(get|put)(Byte|Short|Int|Long)(Opaque|Acquire|Release)?|copyMemory");
    private static final Set<String> WRAPPERS = Set.of(
            "java/lang/Integer",
            "java/lang/Long",
            "java/lang/Short",
            "java/lang/Byte",
            "java/lang/Character",
            "java/lang/Boolean");
    private static final Set<String> CLOCKS = Set.of("nanoTime", "currentTimeMillis");

    /** By the beginning of the callee's class; the first that fits. */
    private static final Map<String, HotPathSin> SINS_BY_OWNER = sinsByOwner();

    private HotPathRules() {}

    private static Map<String, HotPathSin> sinsByOwner() {
        Map<String, HotPathSin> sins = new LinkedHashMap<>();
        sins.put("[", HotPathSin.ALLOCATION); // clone() of an array
        sins.put("java/lang/String", HotPathSin.STRING); // StringBuilder, StringBuffer too
        sins.put("java/lang/CharSequence", HotPathSin.STRING);
        sins.put("java/util/logging/", HotPathSin.LOGGING);
        sins.put("java/lang/System$Logger", HotPathSin.LOGGING);
        sins.put("org/slf4j/", HotPathSin.LOGGING);
        sins.put("java/util/", HotPathSin.COLLECTION);
        sins.put("org/agrona/", HotPathSin.COLLECTION);
        sins.put("java/lang/Iterable", HotPathSin.COLLECTION);
        sins.put("java/time/", HotPathSin.CLOCK);
        sins.put("java/lang/reflect/", HotPathSin.REFLECTION);
        sins.put("java/lang/Class", HotPathSin.REFLECTION);
        return sins;
    }

    /** {@return what is wrong with an instruction that is not a call} */
    static Optional<HotPathSin> judge(Instruction instruction, ByteCode code) {
        return switch (instruction.opcode()) {
            case NEW, NEWARRAY, ANEWARRAY, MULTIANEWARRAY -> Optional.of(HotPathSin.ALLOCATION);
            case INVOKEDYNAMIC -> Optional.of(HotPathSin.DYNAMIC_CALL);
            case MONITORENTER -> Optional.of(HotPathSin.LOCK);
            case ATHROW -> Optional.of(HotPathSin.EXCEPTION);
            case LDC, LDC_W ->
                instruction instanceof ConstantInstruction.LoadConstantInstruction constant
                                && constant.constantEntry() instanceof StringEntry
                        ? Optional.of(HotPathSin.STRING)
                        : Optional.empty();
            case GETFIELD, GETSTATIC -> judgeField((FieldInstruction) instruction, code);
            default -> Optional.empty();
        };
    }

    private static Optional<HotPathSin> judgeField(FieldInstruction field, ByteCode code) {
        boolean loose = field.type().equalsString("Ljava/lang/invoke/MethodHandle;")
                && (field.opcode() == Opcode.GETFIELD
                        || !code.isFinal(
                                field.owner().asInternalName(), field.name().stringValue()));
        return loose ? Optional.of(HotPathSin.LOOSE_HANDLE) : Optional.empty();
    }

    /**
     * {@return what is wrong with a call that leaves io.l4lb}
     *
     * @param owner the class that declares the method
     * @param caller the class that calls
     */
    static Optional<HotPathSin> judgeOutside(InvokeInstruction call, String owner, String caller, boolean perPacket) {
        String name = call.name().stringValue();
        if (isDowncall(owner, name) && caller.startsWith(BINDING)) {
            return perPacket ? Optional.of(HotPathSin.PER_PACKET_CALL) : Optional.empty();
        }
        if (isAllowed(owner, name, call.typeSymbol())
                || (caller.equals(MEMORY) && isMemoryAccess(owner, name))
                || (caller.equals(CIPHER) && isBlockCipher(owner, name))) {
            return Optional.empty();
        }
        if (WRAPPERS.contains(owner)) {
            return Optional.of(HotPathSin.BOXING);
        }
        if (owner.equals("java/lang/System") && CLOCKS.contains(name)) {
            return Optional.of(HotPathSin.CLOCK);
        }
        if (name.equals("getClass")) {
            return Optional.of(HotPathSin.REFLECTION);
        }
        return Optional.of(SINS_BY_OWNER.entrySet().stream()
                .filter(entry -> owner.startsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(HotPathSin.OUTSIDE_CALL));
    }

    private static boolean isDowncall(String owner, String name) {
        return owner.equals("java/lang/invoke/MethodHandle") && name.equals("invokeExact");
    }

    /** Arithmetic on primitives, most of it one machine instruction; an enum's number. */
    private static boolean isAllowed(String owner, String name, MethodTypeDesc type) {
        if (owner.equals("java/lang/Math") || WRAPPERS.contains(owner)) {
            return !name.endsWith("Exact")
                    && type.returnType().isPrimitive()
                    && type.parameterCount() > 0
                    && type.parameterList().stream().allMatch(ClassDesc::isPrimitive);
        }
        return owner.equals("java/lang/Enum") && name.equals("ordinal");
    }

    /** AES of the JDK, one block: what it does inside is measured by CidDecoderAllocationTest. Only packets to QUIC VIPs. */
    private static boolean isBlockCipher(String owner, String name) {
        return owner.equals("javax/crypto/Cipher") && name.equals("update");
    }

    /** Plain and ordered reads and writes of primitives, and copies; no field access by reflection, no allocation. */
    private static boolean isMemoryAccess(String owner, String name) {
        return owner.equals("jdk/internal/misc/Unsafe")
                && MEMORY_ACCESS.matcher(name).matches();
    }
}
