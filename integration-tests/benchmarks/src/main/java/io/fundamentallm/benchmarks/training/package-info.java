/**
 * Training, side by side with PyTorch and with DJL on libtorch.
 *
 * <pre>
 * apt-get install python3-torch python3-numpy libopenblas0-openmp
 * mvn -Ppeers -pl integration-tests/benchmarks -am package -DskipTests
 * JAR=integration-tests/benchmarks/target/benchmarks.jar
 * java -cp $JAR io.fundamentallm.benchmarks.training.CompareTraining shape=A,B,C threads=2
 * java -cp $JAR io.fundamentallm.benchmarks.training.CompareTraining shape=B engines=ours \
 *     threads=2,1
 * java -Dfundamentallm.shared=DIR -cp $JAR io.fundamentallm.benchmarks.training.TrainingQuality
 * java -Dfundamentallm.shared=DIR --add-modules jdk.incubator.vector -cp $JAR \
 *     io.fundamentallm.benchmarks.training.CompareTokenizers minutes=10
 * </pre>
 *
 * <p>DIR holds {@code corpora}. Without {@code -Ppeers} the jar is 200 MB smaller and DJL is not in
 * it; {@code engines=ours,pytorch} needs no more. Of OpenBLAS it has to be the build with OpenMP:
 * that with threads of its own makes PyTorch 20 times slower. One busy foreign core makes all
 * figures of two threads worthless: the load average is printed.
 *
 * <p>What the peers are given, so that they are at their best, stands in {@code Programs}, {@code
 * train_peer.py} and {@code DjlSpeed}: as many threads as ours; fused operators for attention, loss
 * and AdamW where they have them; memory that is kept from step to step.
 */
@NullMarked
package io.fundamentallm.benchmarks.training;

import org.jspecify.annotations.NullMarked;
