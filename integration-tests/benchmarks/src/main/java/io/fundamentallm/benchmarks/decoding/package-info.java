/**
 * Speed of decoders, side by side with plain sampling.
 *
 * <pre>
 * mvn -pl integration-tests/benchmarks -am package -DskipTests
 * java --add-modules jdk.incubator.vector -cp integration-tests/benchmarks/target/benchmarks.jar \
 *     io.fundamentallm.benchmarks.decoding.CompareSpeculation lines=16 changed=1
 * </pre>
 */
@NullMarked
package io.fundamentallm.benchmarks.decoding;

import org.jspecify.annotations.NullMarked;
