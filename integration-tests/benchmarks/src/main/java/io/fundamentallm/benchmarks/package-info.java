/**
 * Speed of the tokenizers, side by side with jtokkit and with DJL's binding of Hugging Face's
 * library.
 *
 * <pre>
 * mvn -pl integration-tests/benchmarks -am package -DskipTests
 * java -Dfundamentallm.shared=DIR -jar integration-tests/benchmarks/target/benchmarks.jar Encode
 * java -Dfundamentallm.shared=DIR -jar integration-tests/benchmarks/target/benchmarks.jar \
 *     Encode -p tokenizer=cl100k -p text=english -p shape=whole -f 1 -prof gc
 * java -Dfundamentallm.shared=DIR -cp integration-tests/benchmarks/target/benchmarks.jar \
 *     io.fundamentallm.benchmarks.QuickCompare
 * </pre>
 *
 * <p>DIR holds {@code golden/tokenizers/files} and {@code corpora}. Lines that end in {@code
 * :megabytes} are MB (10<sup>6</sup> bytes) of UTF-8 a second, whatever their unit says.
 */
@NullMarked
package io.fundamentallm.benchmarks;

import org.jspecify.annotations.NullMarked;
