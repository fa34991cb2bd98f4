package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.internal.files.AtomicDirectory;
import io.fundamentallm.runtime.cpu.format.TrainingStateFile;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints in the model directory: {@code checkpoint-500} and so on, as Hugging Face's
 * trainer names them, each a whole model directory with the state of the training; and {@code
 * best-250}, the model of the best evaluation, without that state.
 */
public final class Checkpoints {
  private static final String CHECKPOINT = "checkpoint-";
  private static final String BEST = "best-";
  private static final Pattern NAME = Pattern.compile("(checkpoint-|best-)([1-9][0-9]{0,8})");

  private final Path directory;
  private final Validation validation;
  private final Set<String> changed;
  private int steps;
  private final TrainedModel model;
  private final Map<String, float[]> arrays;
  private final Supplier<TrainingSettings> read;
  private @Nullable TrainingSettings settings;

  /**
   * @param model whose current weights are written and read
   * @param arrays the rest of the state, by name
   * @param settings what the result depends on; asked once for a plan, and only if needed
   */
  public Checkpoints(
      TrainingPlan plan,
      TrainedModel model,
      Map<String, float[]> arrays,
      Supplier<TrainingSettings> settings) {
    directory = plan.modelDirectory();
    validation = plan.validation();
    changed = plan.checkpoints().changed();
    steps = plan.steps();
    this.model = model;
    this.arrays = arrays;
    read = settings;
  }

  /**
   * Gives checkpoints and best models their names back that a killed process was replacing. For the
   * one who holds the directory's lock, before all else here.
   *
   * @throws IOException when one cannot be renamed
   */
  public static void recover(Path directory) throws IOException {
    AtomicDirectory.recoverAll(directory, Checkpoints::isOurs);
  }

  /**
   * The settings of the last checkpoint in a model directory, if there is one.
   *
   * @throws IOException when it cannot be read
   */
  public static Optional<TrainingSettings> last(Path directory) throws IOException {
    NavigableMap<Integer, Path> all = all(directory, CHECKPOINT);
    if (all.isEmpty()) {
      return Optional.empty();
    }
    try {
      Path last = all.lastEntry().getValue();
      return Optional.of(new TrainingSettings(TrainingStateFile.read(last).settings()));
    } catch (IOException e) {
      throw unreadable(all, e);
    }
  }

  /** Says what to do with the last checkpoint, which cannot be read. */
  private static IOException unreadable(NavigableMap<Integer, Path> all, IOException cause) {
    Path last = all.lastEntry().getValue();
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof FileSystemException && !(e instanceof NoSuchFileException)) {
        // the disk's or the permissions' fault: the checkpoint may be sound
        return new IOException(last + " cannot be read: " + e, cause);
      }
    }
    Map.Entry<Integer, Path> before = all.lowerEntry(all.lastKey());
    String advice =
        before == null
            ? "delete it to begin anew"
            : "delete it to go on from " + before.getValue().getFileName();
    return new IOException(
        last + " cannot be resumed: " + cause.getMessage() + "; " + advice, cause);
  }

  /** Records a plan that differs in its steps and evaluations from now on. */
  public void follow(TrainingPlan anew) {
    steps = anew.steps();
    settings = null;
  }

  private TrainingSettings settings() {
    if (settings == null) {
      settings = read.get();
    }
    return settings;
  }

  /**
   * Makes sure that a new training leaves nothing of its own beside the checkpoints of another.
   *
   * @throws IOException when a model directory has some
   */
  public static void requireNone(Path directory) throws IOException {
    NavigableMap<Integer, Path> all = all(directory, CHECKPOINT);
    if (!all.isEmpty()) {
      throw new IOException(
          all.lastEntry().getValue()
              + " is of an earlier training; continue from it with resume, or delete it, or train"
              + " into another directory");
    }
  }

  /** Deletes what an earlier training left that was killed before its first checkpoint. */
  public void begin() throws IOException {
    clean(0);
  }

  /** Writes a checkpoint and deletes all but the last {@code kept}; returns its directory. */
  public Path save(TrainingState state, int kept) throws IOException {
    Path whole = directory.resolve(CHECKPOINT + state.step());
    AtomicDirectory.write(
        whole,
        to -> {
          model.writeCheckpoint(to);
          new TrainingStateFile(settings().values(), state.numbers(), arrays).write(to);
        });
    NavigableMap<Integer, Path> all = all(CHECKPOINT);
    while (all.size() > kept) {
      AtomicDirectory.delete(all.pollFirstEntry().getValue());
    }
    deleteSurpassed(state);
    deleteHidden();
    return whole;
  }

  /** Writes the model as the best one so far. */
  public void saveBest(TrainingState state) throws IOException {
    Path best = directory.resolve(BEST + state.bestStep());
    // one that exists is of the step that was resumed, and some checkpoint may need it
    if (!Files.exists(best)) {
      AtomicDirectory.write(best, model::writeCheckpoint);
    }
    deleteSurpassed(state);
  }

  /**
   * Loads the best model.
   *
   * @throws IOException when it cannot be read
   */
  public void restoreBest(int step) throws IOException {
    model.readCheckpoint(directory.resolve(BEST + step));
  }

  /** Deletes the best model if the plan keeps one, unless a checkpoint needs it. */
  public void finish() throws IOException {
    if (validation.keepBest() && all(CHECKPOINT).isEmpty()) {
      for (Path best : all(BEST).values()) {
        AtomicDirectory.delete(best);
      }
    }
    deleteHidden();
  }

  /**
   * Loads the last checkpoint, if there is one. The model then has its weights.
   *
   * @throws IOException when it cannot be read, or was written with other settings than the plan
   *     allows; names it and them
   */
  public TrainingState resume() throws IOException {
    NavigableMap<Integer, Path> all = all(CHECKPOINT);
    if (all.isEmpty()) {
      clean(0);
      return TrainingState.BEGINNING;
    }
    Path last = all.lastEntry().getValue();
    TrainingStateFile file;
    TrainingState written;
    try {
      file = TrainingStateFile.read(last);
      written = TrainingState.of(file.numbers());
    } catch (IOException e) {
      throw unreadable(all, e);
    }
    TrainingState state;
    try {
      state = valid(written, new TrainingSettings(file.settings()));
    } catch (IOException e) {
      throw new IOException(last + " cannot be resumed: " + e.getMessage(), e);
    }
    Path best = directory.resolve(BEST + state.bestStep());
    if (validation.keepBest() && state.bestStep() > 0 && !Files.exists(best)) {
      throw new IOException(
          best + " is missing: the best model so far, of which " + last + " knows");
    }
    try {
      TrainingStateFile.readArrays(last, arrays);
      model.readCheckpoint(last);
    } catch (IOException e) {
      throw unreadable(all, e);
    }
    clean(all.lastKey());
    return state;
  }

  /** How far a checkpoint is, as far as that is valid with the current settings. */
  private TrainingState valid(TrainingState state, TrainingSettings written) throws IOException {
    Set<String> changes = SettingChanges.between(written, settings(), changed);
    if (state.step() > steps) {
      throw new IOException("it has " + state.step() + " steps already, and the plan " + steps);
    }
    return SettingChanges.comparable(changes) ? state : state.unmeasured();
  }

  /** Deletes what a killed process left half-written, and the best models of later steps. */
  private void clean(int step) throws IOException {
    deleteHidden();
    for (Path best : all(BEST).tailMap(step, false).values()) {
      AtomicDirectory.delete(best);
    }
  }

  /** Deletes what a killed process or an interrupted write left half-written, and only that. */
  private void deleteHidden() throws IOException {
    AtomicDirectory.cleanAll(directory, Checkpoints::isOurs);
  }

  private static boolean isOurs(String name) {
    return NAME.matcher(name).matches();
  }

  /** Keeps only the current best model and those that checkpoints name. */
  private void deleteSurpassed(TrainingState now) throws IOException {
    NavigableMap<Integer, Path> surpassed = all(BEST);
    surpassed.remove(now.bestStep());
    for (Path checkpoint : all(CHECKPOINT).values()) {
      try {
        surpassed.remove(TrainingState.of(TrainingStateFile.read(checkpoint).numbers()).bestStep());
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e; // which says nothing about the checkpoint
        }
        return; // a damaged one may name any, and is no reason to end a training
      }
    }
    for (Path path : surpassed.values()) {
      AtomicDirectory.delete(path);
    }
  }

  /** The directories of a kind, by step; a hidden one whose replacement was interrupted too. */
  private NavigableMap<Integer, Path> all(String kind) throws IOException {
    return all(directory, kind);
  }

  private static NavigableMap<Integer, Path> all(Path directory, String kind) throws IOException {
    NavigableMap<Integer, Path> all = new TreeMap<>();
    Set<Path> named = new HashSet<>(AtomicDirectory.left(directory, Checkpoints::isOurs));
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files.forEach(named::add);
      }
    }
    for (Path file : named) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches() && name.group(1).equals(kind)) {
        Path readable = AtomicDirectory.readable(file);
        if (Files.isDirectory(readable)) {
          all.put(Integer.parseInt(name.group(2)), readable);
        }
      }
    }
    return all;
  }
}
