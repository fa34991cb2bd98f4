package io.fundamentallm.runtime.cpu.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.contract.PowerLoss;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training has left when the power fails. */
@Tag("once")
class PowerLossTest {
  private static final int[] TEXT = IntStream.range(0, 200).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;

  @BeforeEach
  void requireDirectoriesThatOpen() {
    assumeTrue(File.separatorChar == '/', "no directory can be synced here");
  }

  @Test
  void checkpoints_are_whole_and_the_last_that_was_told_of_or_a_later_one_is_there()
      throws IOException {
    PowerLoss power = PowerLoss.below(folder);
    Path directory = power.path().resolve("model");
    Map<String, SortedMap<String, String>> whole = new HashMap<>();
    SortedMap<Integer, Integer> received = new TreeMap<>(); // step by moment
    received.put(0, 0);
    TrainingPlan plan =
        TrainingPlan.builder(directory)
            .architecture("gpt2(layers=1,heads=1,hidden-size=8)")
            .contextLength(4)
            .batchSize(2)
            .steps(8)
            .warmupSteps(1)
            .validation(Validation.every(2).withKeepBest(true))
            .checkpoints(2, 1)
            .build();
    TrainingData data =
        new TrainingData(
            new DigitTokenizer(),
            TokenSequence.of(TEXT),
            TokenSequence.of(IntStream.range(0, 30).map(i -> i * 5 % 8).toArray()));
    new CpuTrainer(1)
        .train(
            data,
            plan,
            new TrainingListener() {
              @Override
              public void onCheckpoint(int step, Path checkpoint) {
                received.put(power.moment(), step);
                keep(folder.resolve("model"), whole);
              }

              @Override
              public void onStep(Progress progress) {
                keep(folder.resolve("model"), whole);
              }
            });
    keep(folder.resolve("model"), whole);
    SortedMap<String, String> model = files(folder.resolve("model"));
    model.remove("tokenizer.json"); // which this tokenizer writes without a sync
    model.remove("README.md"); // the card, which comes when the model is whole
    int end = power.moment();

    power.fails(
        (moment, disk) -> {
          String as = "after " + moment + " of " + end + " changes: " + disk.keySet();
          int last = 0;
          for (String path : disk.keySet()) {
            if (path.matches("model/(checkpoint|best)-\\d+/")) {
              String name = path.substring("model/".length(), path.length() - 1);
              assertThat(below(disk, path)).as(as).isEqualTo(whole.get(name));
              if (name.startsWith("checkpoint-")) {
                last = Math.max(last, Integer.parseInt(name.substring("checkpoint-".length())));
              }
            }
          }
          int atLeast = received.get(received.headMap(moment + 1).lastKey());
          assertThat(last).as(as).isGreaterThanOrEqualTo(atLeast);
          if (disk.containsKey("model/config.json")) {
            SortedMap<String, String> visible = below(disk, "model/");
            visible.keySet().retainAll(model.keySet());
            assertThat(visible).as(as).isEqualTo(model);
          }
          assertThat(moment < end || disk.containsKey("model/config.json")).as(as).isTrue();
        });
    assertThat(received).hasSizeGreaterThan(3);
  }

  /** Directories as they are once they have their names. */
  private static void keep(Path model, Map<String, SortedMap<String, String>> whole) {
    try (Stream<Path> inside = Files.list(model)) {
      for (Path path : inside.toList()) {
        String name = path.getFileName().toString();
        if (name.matches("(checkpoint|best)-\\d+") && !whole.containsKey(name)) {
          whole.put(name, files(path));
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static SortedMap<String, String> files(Path directory) throws IOException {
    SortedMap<String, String> all = new TreeMap<>();
    try (Stream<Path> inside = Files.list(directory)) {
      for (Path file : inside.filter(Files::isRegularFile).toList()) {
        all.put(file.getFileName().toString(), text(Files.readAllBytes(file)));
      }
    }
    return all;
  }

  private static SortedMap<String, String> below(SortedMap<String, byte[]> disk, String path) {
    SortedMap<String, String> all = new TreeMap<>();
    disk.forEach(
        (name, bytes) -> {
          if (name.startsWith(path) && !name.equals(path)) {
            all.put(name.substring(path.length()), text(bytes));
          }
        });
    return all;
  }

  private static String text(byte[] bytes) {
    return bytes.length + " bytes " + new String(bytes, UTF_8).hashCode();
  }
}
