/**
 * Speed of inference, side by side with llama.cpp (in java-llama.cpp) and with ONNX Runtime.
 *
 * <pre>
 * mvn -pl integration-tests/benchmarks -am package -DskipTests
 * java --add-modules jdk.incubator.vector -cp integration-tests/benchmarks/target/benchmarks.jar \
 *     io.fundamentallm.benchmarks.inference.CompareInference shape=S,M weights=f32,int8,int4
 * </pre>
 *
 * <p>On JDK 24 and later {@code --enable-native-access=ALL-UNNAMED} silences the JVM about the
 * native libraries. Random models are written to a folder on the first run, some 3 GB for all of
 * them.
 *
 * <p>What each engine is given, so that it is at its best: as many threads as the others; its own
 * format of the same weights; keys and values in a buffer that is never copied; logits for the last
 * position alone. llama.cpp reads its file into memory instead of mapping it, keeps no prompt from
 * round to round, and chooses tokens by its cheapest sampler. ONNX Runtime runs the operators that
 * its own model builder uses and lets its threads spin, as it does by default.
 *
 * <p>{@link io.fundamentallm.benchmarks.inference.CompareOnnx} measures this library's own use of
 * ONNX Runtime, the runtime {@code gpu}, in the same way:
 *
 * <pre>
 * java --enable-native-access=ALL-UNNAMED -cp integration-tests/benchmarks/target/benchmarks.jar \
 *     io.fundamentallm.benchmarks.inference.CompareOnnx task=context,batch,overhead
 * </pre>
 */
@NullMarked
package io.fundamentallm.benchmarks.inference;

import org.jspecify.annotations.NullMarked;
