package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class PrimesTest {
    @Test
    void smallNumbersArePrimeExactlyWhenBigIntegerSaysSo() {
        for (int number = -3; number < 70_000; number++) {
            boolean expected = number > 1 && BigInteger.valueOf(number).isProbablePrime(40);
            assertThat(Primes.isPrime(number)).as("%d", number).isEqualTo(expected);
        }
    }

    @Test
    void theLargestIntIsPrimeAndItsOwnNextPrime() {
        assertThat(Primes.isPrime(Integer.MAX_VALUE)).isTrue();
        assertThat(Primes.nextPrime(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Primes.isPrime(46_337 * 46_337)).isFalse();
    }

    @Test
    void nextPrimeIsTheSmallestThatIsNotBelow() {
        assertThat(Primes.nextPrime(Integer.MIN_VALUE)).isEqualTo(2);
        assertThat(Primes.nextPrime(65_536)).isEqualTo(65_537);
        assertThat(Primes.nextPrime(65_537)).isEqualTo(65_537);
        assertThat(Primes.nextPrime(65_538)).isEqualTo(65_539);
        assertThat(Primes.nextPrime(1 << 24)).isGreaterThan(MaglevTable.MAX_SLOT_COUNT);
        assertThat(Primes.nextPrime(16_777_212)).isEqualTo(16_777_213);
    }
}
