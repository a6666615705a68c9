/** What every comparison of contenders has in common: cells, contenders started for them, rounds in turns, samples. Cold. */
package io.l4lb.bench.measure;
