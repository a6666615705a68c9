package io.l4lb.node.control;

/** Told when the operator drains this node or takes it back; what announces the VIPs withdraws them, or announces anew. */
@FunctionalInterface
public interface NodeDrain {
    /** Must return soon, and not throw. Forwarding goes on whatever is done here. */
    void nodeDrained(boolean drained);
}
