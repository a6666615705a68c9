package io.l4lb.health.probe;

import java.io.IOException;

/** A try failed for want of something on this machine, and says nothing about the backend. */
public final class OwnFaultException extends IOException {
    private static final long serialVersionUID = 1;

    public OwnFaultException(String message) {
        super(message);
    }
}
