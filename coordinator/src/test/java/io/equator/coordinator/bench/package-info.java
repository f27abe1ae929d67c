/** Benchmarks of the edge; {@code ./mvnw -q -Pbench -pl coordinator -am test-compile exec:exec}. */
@NullMarked
package io.equator.coordinator.bench;

import org.jspecify.annotations.NullMarked;
