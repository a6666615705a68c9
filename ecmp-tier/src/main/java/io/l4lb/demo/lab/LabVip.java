package io.l4lb.demo.lab;

import java.util.Map;

/**
 * One VIP of the lab. Each has an address of its own, so a URL names its VIP.
 *
 * @param name encapsulation and the families inside and outside, as in {@code gue-6in4}
 * @param address as text, without brackets
 * @param encapsulation {@code ipip}, {@code gue}, {@code gre} or {@code l2}
 */
public record LabVip(String name, String address, String encapsulation) {

    static LabVip of(Map<?, ?> vip) {
        return new LabVip((String) vip.get("name"), (String) vip.get("address"), (String) vip.get("encapsulation"));
    }

    public boolean ipv6() {
        return address.indexOf(':') >= 0;
    }

    /** {@return the URL of a page that names the backend, and nothing more} */
    public String page() {
        return "http://" + (ipv6() ? "[" + address + "]" : address) + "/";
    }

    /** {@return the URL of 4 MiB that take eight seconds} */
    public String largeFile() {
        return page() + "large";
    }

    /** {@return the URL of 192 KiB that take five} */
    public String slowFile() {
        return page() + "slow";
    }
}
