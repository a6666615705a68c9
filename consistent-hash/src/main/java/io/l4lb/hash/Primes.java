package io.l4lb.hash;

/**
 * Prime numbers in the range of table sizes. With a prime size every skip visits every slot (paper, 3.4).
 *
 * <p>Trial division: at most 23,170 divisions for an {@code int}, and only when a configuration is read.
 */
public final class Primes {
    private Primes() {}

    public static boolean isPrime(int number) {
        if (number < 4) {
            return number > 1;
        }
        if (number % 2 == 0) {
            return false;
        }
        for (int divisor = 3; (long) divisor * divisor <= number; divisor += 2) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return true;
    }

    /** {@return the smallest prime that is at least {@code number}} The largest {@code int} is prime: there always is one. */
    public static int nextPrime(int number) {
        int candidate = Math.max(number, 2);
        while (!isPrime(candidate)) {
            candidate++;
        }
        return candidate;
    }
}
