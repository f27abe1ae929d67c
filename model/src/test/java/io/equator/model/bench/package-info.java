/**
 * Benchmarks of the model's hot paths (JMH). They are compiled with the tests and run by hand:
 * {@code ./mvnw -q -Pbench -pl model -am test-compile exec:exec -Dbench=ItemCodec}.
 */
@NullMarked
package io.equator.model.bench;

import org.jspecify.annotations.NullMarked;
