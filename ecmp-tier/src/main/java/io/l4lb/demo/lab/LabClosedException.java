package io.l4lb.demo.lab;

import java.io.IOException;

/** The lab is being removed, so nothing can be started or written in it any more: not a failure of anything. */
final class LabClosedException extends IOException {
    private static final long serialVersionUID = 1;

    LabClosedException() {
        super("the lab is closed");
    }
}
