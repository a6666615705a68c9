package io.l4lb.node.admin;

import java.util.Map;
import java.util.function.Supplier;

/** A part of a node that has something to say in {@code ./l4lb status}. */
public interface StatusSection {
    /** {@return its key in the JSON document and its heading for people, such as {@code bgp}} */
    String name();

    /**
     * {@return what it says now: maps, lists, strings, numbers and booleans, the maps in the order to print} Any thread; must
     * not wait for the network.
     */
    Map<String, Object> status();

    /** {@return a section of that name that says what {@code status} gives} */
    static StatusSection of(String name, Supplier<Map<String, Object>> status) {
        return new StatusSection() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Map<String, Object> status() {
                return status.get();
            }
        };
    }
}
