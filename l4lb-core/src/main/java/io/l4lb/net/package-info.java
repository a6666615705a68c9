/** Values as they stand in packets: addresses, protocols, encapsulations. Immutable, for cold code; the hot path uses their bits. */
package io.l4lb.net;
