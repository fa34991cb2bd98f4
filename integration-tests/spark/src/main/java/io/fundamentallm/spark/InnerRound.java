package io.fundamentallm.spark;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;

/**
 * A round on an executor: a pure function of the shared weights and the worker's state, so that it
 * may run anywhere and any number of times.
 *
 * <p>To the worker's trainer a round is a stopped training that is resumed: its checkpoint is
 * written out again with the shared weights in place of its own and resumed, and the training is
 * stopped after the steps of the round. So everything that a trainer keeps continues: moments,
 * step, learning rate, the order of windows.
 *
 * @param tokens where executors find the files of tokens
 * @param from steps that were taken before
 * @param to steps that are taken after the round
 */
record InnerRound(
    DilocoPlan.LocalPlan plan,
    @Nullable String trainer,
    String tokens,
    int workers,
    int from,
    int to,
    Broadcast<byte[]> tokenizer,
    Broadcast<float[][]> weights)
    implements Function<WorkerState, WorkerRound> {

  @Override
  public WorkerRound call(WorkerState state) throws IOException {
    // where Spark cleans up if this JVM is killed
    Path folder = Files.createTempDirectory(Path.of(SparkFiles.getRootDirectory()), "diloco-");
    try {
      return run(state, folder.toAbsolutePath());
    } finally {
      PackedFiles.delete(folder);
    }
  }

  private WorkerRound run(WorkerState state, Path folder) throws IOException {
    TrainingData data =
        data(tokenizer.value(), tokens, state.worker, workers, folder.resolve("tokenizer"));
    Trainer found = trainer == null ? Trainers.configured() : Trainers.parse(trainer);
    WeightFiles files = new WeightFiles(found, data, plan, folder);
    Path directory = folder.resolve("model");
    boolean first = state.checkpoint.isEmpty();
    if (first && !Arrays.deepEquals(files.initial(), weights.value())) {
      throw new IllegalStateException(
          "the trainer here begins with other weights than the driver's; both need the same plan and"
              + " the same trainer");
    }
    Path start = first ? folder.resolve("start") : directory.resolve(state.checkpoint);
    files.write(weights.value(), start);
    Set<String> shared = names(start);
    if (!first) {
      PackedFiles.unpack(state.files, start);
    }
    Steps steps = train(found, data, directory);
    Path checkpoint = steps.checkpoint();
    byte[] kept = PackedFiles.pack(checkpoint, name -> !shared.contains(name));
    float[][] difference = difference(files.read(checkpoint), weights.value());
    return new WorkerRound(
        new WorkerState(state.worker, checkpoint.getFileName().toString(), kept),
        difference,
        steps.summary());
  }

  /** A worker's share, on its executor. */
  static TrainingData data(byte[] tokenizer, String tokens, int worker, int workers, Path folder)
      throws IOException {
    PackedFiles.unpack(tokenizer, folder);
    Tokenizer read = Tokenizers.load(folder);
    TokenSequence all = TokenParts.open(ExecutorFiles.resolve(tokens), read.vocabulary().size());
    return new TrainingData(read, TokenParts.share(all, worker, workers), TokenSequence.of());
  }

  private Steps train(Trainer found, TrainingData data, Path directory) throws IOException {
    TrainingPlan local =
        plan.in(directory).toBuilder()
            .overwrite() // of this worker alone
            .validation(Validation.every(to))
            .checkpoints(to, 1)
            .resume()
            .build();
    Steps steps = new Steps();
    TaskContext task = TaskContext.get();
    Cancellation stop = () -> steps.taken == to - from || task.isInterrupted();
    try {
      found.train(data, local, stop, steps);
    } catch (CancellationException e) {
      if (steps.taken < to - from) {
        throw e;
      }
    }
    return steps;
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static float[][] difference(float[][] after, float[][] before) {
    for (int i = 0; i < after.length; i++) {
      for (int j = 0; j < after[i].length; j++) {
        after[i][j] -= before[i][j];
      }
    }
    return after;
  }

  /** Counts the steps of a round. */
  private static final class Steps implements TrainingListener {
    private int taken;
    private double losses;
    private @Nullable Progress last;
    private @Nullable Path written;

    @Override
    public void onStep(Progress progress) {
      taken++;
      losses += progress.loss();
      last = progress;
    }

    @Override
    public void onCheckpoint(int step, Path directory) {
      written = directory;
    }

    Path checkpoint() {
      if (written == null) {
        throw new IllegalStateException("the trainer wrote no checkpoint after a round");
      }
      return written;
    }

    WorkerRound.Summary summary() {
      if (last == null) {
        throw new IllegalStateException("the trainer took no step in a round");
      }
      return new WorkerRound.Summary(losses / taken, last.learningRate(), last.gradientNorm());
    }
  }
}
