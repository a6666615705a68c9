package io.l4lb.node.kernel;

/** The kernel, or the tool that speaks to it, refuses. The message is for the operator. */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1;

    KernelException(String message) {
        super(message);
    }

    KernelException(String message, Throwable cause) {
        super(message, cause);
    }
}
