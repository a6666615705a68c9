package io.l4lb.peer.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/** Whom a certificate names: its DNS names, or if it has none the common name of its subject (RFC 6125, section 6.4.4). */
final class CertificateNames {
    /** RFC 5280, section 4.2.1.6: GeneralName's tag. */
    private static final int DNS_NAME = 2;

    private CertificateNames() {}

    static List<String> of(X509Certificate certificate) {
        List<String> dnsNames = dnsNames(certificate);
        return dnsNames.isEmpty() ? commonName(certificate).stream().toList() : dnsNames;
    }

    private static List<String> dnsNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0).equals(DNS_NAME))
                            .map(name -> name.get(1).toString())
                            .toList();
        } catch (CertificateParsingException e) {
            // Names that nobody can read name nobody.
            return List.of();
        }
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(part -> "CN".equalsIgnoreCase(part.getType()))
                            .map(part -> part.getValue().toString())
                            .findFirst();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
