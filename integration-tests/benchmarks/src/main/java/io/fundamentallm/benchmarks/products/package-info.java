/**
 * Speed of the matrix product, side by side with OpenBLAS.
 *
 * <pre>
 * mvn -pl integration-tests/benchmarks -am package -DskipTests
 * env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE java --add-modules jdk.incubator.vector \
 *     -cp integration-tests/benchmarks/target/benchmarks.jar \
 *     io.fundamentallm.benchmarks.products.CompareProducts
 * </pre>
 *
 * <p>OpenBLAS's native library is there for Linux on x86-64 alone.
 */
@NullMarked
package io.fundamentallm.benchmarks.products;

import org.jspecify.annotations.NullMarked;
