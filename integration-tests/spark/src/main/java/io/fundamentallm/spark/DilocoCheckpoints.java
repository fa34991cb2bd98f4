package io.fundamentallm.spark;

import io.fundamentallm.internal.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a training writes in the model's directory along the way: {@code round-3} and so on, of
 * which the last is kept. Each has the weights as a loadable model directory, {@code model}; the
 * outer momentum in the same layout, {@code momentum}; the workers' states, {@code
 * worker-0/checkpoint-1500} and so on; and {@code rounds.csv}. It is visible whole or not at all,
 * even if the driver is killed or the power fails: it has a hidden name while it is written or
 * deleted.
 */
final class DilocoCheckpoints {
  private static final Pattern NAME = Pattern.compile("round-([1-9][0-9]{0,8})");
  private static final Pattern HIDDEN = Pattern.compile("\\.round-[1-9][0-9]{0,8}\\.tmp");
  private static final String PLAN = "plan.txt";

  private final Path directory;
  private final PlanText plan;
  private final WeightFiles files;

  DilocoCheckpoints(Path directory, PlanText plan, WeightFiles files) {
    this.directory = directory;
    this.plan = plan;
    this.files = files;
  }

  /**
   * The last checkpoint.
   *
   * @throws IOException if it belongs to another plan, or cannot be read
   */
  Optional<Path> last() throws IOException {
    NavigableMap<Integer, Path> all = all();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Path last = all.lastEntry().getValue();
    List<String> differences = PlanText.read(last.resolve(PLAN)).differences(plan);
    if (!differences.isEmpty()) {
      throw new IOException(
          last + " cannot be resumed by another plan: it has " + String.join(", ", differences));
    }
    return Optional.of(last);
  }

  /**
   * Makes sure that a new training does not mix its checkpoints with those of another.
   *
   * @throws IOException if there are any
   */
  void requireNone() throws IOException {
    NavigableMap<Integer, Path> all = all();
    if (!all.isEmpty()) {
      throw new IOException(
          all.lastEntry().getValue()
              + " is of an earlier training; continue it with resume, or delete it, or train into"
              + " another directory");
    }
  }

  /** Writes a checkpoint and, once it is on the disk, deletes earlier ones; returns where it is. */
  Path save(OuterOptimizer outer, Iterator<WorkerState> states, RoundLog log) throws IOException {
    deleteHidden();
    Path whole = directory.resolve("round-" + log.rounds());
    Path unfinished = hidden(whole);
    DurableFiles.createDirectories(unfinished);
    files.write(outer.weights(), unfinished.resolve("model"));
    files.write(outer.moment(), unfinished.resolve("momentum"));
    while (states.hasNext()) {
      WorkerState state = states.next();
      Path worker = unfinished.resolve("worker-" + state.worker);
      PackedFiles.unpack(state.files, worker.resolve(state.checkpoint));
    }
    log.write(unfinished);
    plan.write(unfinished.resolve(PLAN));
    DurableFiles.syncAll(unfinished);
    DurableFiles.rename(unfinished, whole);
    for (Path earlier : all().headMap(log.rounds(), false).values()) {
      DurableFiles.rename(earlier, hidden(earlier));
    }
    deleteHidden();
    return whole;
  }

  private static Path hidden(Path checkpoint) {
    return checkpoint.resolveSibling("." + checkpoint.getFileName() + ".tmp");
  }

  /** Deletes what was not finished, or is not needed any more. */
  private void deleteHidden() throws IOException {
    if (Files.isDirectory(directory)) {
      List<Path> hidden;
      try (Stream<Path> there = Files.list(directory)) {
        hidden =
            there.filter(path -> HIDDEN.matcher(path.getFileName().toString()).matches()).toList();
      }
      for (Path path : hidden) {
        PackedFiles.delete(path);
      }
    }
  }

  float[][] weights(Path checkpoint) throws IOException {
    return files.read(checkpoint.resolve("model"));
  }

  float[][] moment(Path checkpoint) throws IOException {
    return files.read(checkpoint.resolve("momentum"));
  }

  /** The state of one worker. */
  static WorkerState state(Path checkpoint, int worker) throws IOException {
    try (Stream<Path> inside = Files.list(checkpoint.resolve("worker-" + worker))) {
      Path own =
          inside
              .findFirst()
              .orElseThrow(() -> new IOException(checkpoint + " has no state of worker " + worker));
      return new WorkerState(
          worker, own.getFileName().toString(), PackedFiles.pack(own, name -> true));
    }
  }

  private NavigableMap<Integer, Path> all() throws IOException {
    NavigableMap<Integer, Path> all = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> there = Files.list(directory)) {
        for (Path file : there.filter(Files::isDirectory).toList()) {
          Matcher name = NAME.matcher(file.getFileName().toString());
          if (name.matches()) {
            all.put(Integer.parseInt(name.group(1)), file);
          }
        }
      }
    }
    return all;
  }
}
