package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.contract.PowerLoss;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingPlan;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver's disk holds when the power fails; no cluster takes part. */
class DilocoCheckpointsTest {
  @TempDir Path folder;

  @Test
  void whenever_the_power_fails_the_last_checkpoint_that_was_told_of_or_a_later_one_is_whole()
      throws IOException {
    assumeTrue(File.separatorChar == '/', "no directory can be synced here");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    PowerLoss power = PowerLoss.below(disk);
    DilocoCheckpoints checkpoints =
        new DilocoCheckpoints(
            power.path().resolve("model"), new PlanText(Map.of("seed", "7")), files());
    Map<String, SortedMap<String, Integer>> whole = new HashMap<>();
    SortedMap<Integer, Integer> received = new TreeMap<>(); // round by moment
    received.put(0, 0);
    RoundLog log = new RoundLog();
    for (int round = 1; round <= 3; round++) {
      log.add(new RoundLog.Line(round, 10 * round, 100L * round, round, 1.0 / round));
      Path written = checkpoints.save(outer(), List.of(state(round)).iterator(), log);
      received.put(power.moment(), round);
      whole.put(
          written.getFileName().toString(),
          files(disk.resolve("model").resolve(written.getFileName().toString())));
    }

    power.fails(
        (moment, left) -> {
          String as = "after " + moment + " of " + power.moment() + " changes: " + left.keySet();
          int last = 0;
          for (String path : left.keySet()) {
            if (path.matches("model/round-\\d+/")) {
              String name = path.substring("model/".length(), path.length() - 1);
              assertThat(below(left, path)).as(as).isEqualTo(whole.get(name));
              last = Math.max(last, Integer.parseInt(name.substring("round-".length())));
            }
          }
          int atLeast = received.get(received.headMap(moment + 1).lastKey());
          assertThat(last).as(as).isGreaterThanOrEqualTo(atLeast);
        });
    try (Stream<Path> inside = Files.list(disk.resolve("model"))) {
      assertThat(inside).containsExactly(disk.resolve("model/round-3"));
    }
    assertThat(whole.get("round-3")).containsKey("worker-0/checkpoint-30/moments");
  }

  private static DilocoPlan.LocalPlan plan() {
    return directory ->
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=1,heads=1,hidden-size=8)")
            .contextLength(4)
            .batchSize(1)
            .steps(30)
            .warmupSteps(1)
            .build();
  }

  private WeightFiles files() {
    Tokenizer tokenizer = Tokenizers.learn("character", "abcd");
    TrainingData none = new TrainingData(tokenizer, TokenSequence.of(0, 0), TokenSequence.of());
    return new WeightFiles(
        Trainers.parse("cpu(threads=1)"), none, plan(), folder.resolve("scratch"));
  }

  private OuterOptimizer outer() throws IOException {
    float[][] weights = files().initial();
    return new OuterOptimizer(0.7, 0.9, weights, OuterOptimizer.zeros(weights));
  }

  private WorkerState state(int round) throws IOException {
    Path state = Files.createDirectories(folder.resolve("state-" + round));
    Files.write(state.resolve("moments"), new byte[] {(byte) round, 2, 3});
    return new WorkerState(0, "checkpoint-" + 10 * round, PackedFiles.pack(state, name -> true));
  }

  /** Hashes by path. */
  private static SortedMap<String, Integer> files(Path directory) throws IOException {
    SortedMap<String, Integer> all = new TreeMap<>();
    try (Stream<Path> inside = Files.walk(directory)) {
      for (Path file : inside.filter(Files::isRegularFile).toList()) {
        all.put(directory.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  private static SortedMap<String, Integer> below(SortedMap<String, byte[]> disk, String path) {
    SortedMap<String, Integer> all = new TreeMap<>();
    disk.forEach(
        (name, bytes) -> {
          if (name.startsWith(path) && !name.endsWith("/")) {
            all.put(name.substring(path.length()), Arrays.hashCode(bytes));
          }
        });
    return all;
  }
}
