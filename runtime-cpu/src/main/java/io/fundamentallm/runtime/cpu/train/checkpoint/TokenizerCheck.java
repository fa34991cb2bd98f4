package io.fundamentallm.runtime.cpu.train.checkpoint;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.internal.files.DirectoryLock;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a directory would load the tokenizer that is saved into it. An older tokenizer may
 * have left files under other names, which would be found first.
 */
public final class TokenizerCheck {
  /** Larger files are weights. */
  private static final long MAX = 64 << 20;

  /** With more files of others, which ones are in the way would take too long to find out. */
  private static final int MAX_TRIED = 16;

  private TokenizerCheck() {}

  /**
   * Tries it beside the directory, which does not change.
   *
   * @throws IOException where another tokenizer would be loaded
   */
  public static void require(Tokenizer tokenizer, Path directory) throws IOException {
    if (!containsOther(tokenizer, directory)) {
      return;
    }
    Path trial = Files.createTempDirectory("tokenizer-");
    try {
      for (Path file : files(directory)) {
        if (Files.size(file) <= MAX) {
          Files.copy(file, trial.resolve(file.getFileName().toString()));
        }
      }
      tokenizer.save(trial);
      if (containsOther(tokenizer, trial)) {
        List<String> names = inTheWay(tokenizer, trial);
        throw new IOException(
            directory
                + " has files of another tokenizer, which would be loaded instead of the one that"
                + " this model is trained with: remove "
                + (names.isEmpty() ? "them" : String.join(" and ", names))
                + ", or train into another directory");
      }
    } finally {
      delete(trial);
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : files(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  /**
   * The names of few files without which the trial would load the tokenizer; none where that takes
   * too long to find out, or its own files are read as another's.
   */
  private static List<String> inTheWay(Tokenizer tokenizer, Path trial) throws IOException {
    Path own = Files.createTempDirectory("own-");
    Path aside = Files.createTempDirectory("aside-");
    try {
      tokenizer.save(own);
      List<String> foreign = new ArrayList<>();
      for (Path file : files(trial)) {
        String name = file.getFileName().toString();
        if (Files.notExists(own.resolve(name))) {
          foreign.add(name);
        }
      }
      if (foreign.size() > MAX_TRIED) {
        return List.of();
      }
      for (String name : foreign) {
        Files.move(trial.resolve(name), aside.resolve(name));
        if (containsOwn(tokenizer, trial)) {
          return List.of(name);
        }
        Files.move(aside.resolve(name), trial.resolve(name));
      }
      return together(foreign, tokenizer, trial, aside);
    } finally {
      delete(own);
      delete(aside);
    }
  }

  /** Of these names, those that must go together. */
  private static List<String> together(
      List<String> foreign, Tokenizer tokenizer, Path trial, Path aside) throws IOException {
    for (String name : foreign) {
      Files.move(trial.resolve(name), aside.resolve(name));
    }
    if (!containsOwn(tokenizer, trial)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String name : foreign) {
      Files.move(aside.resolve(name), trial.resolve(name));
      if (!containsOwn(tokenizer, trial)) {
        Files.move(trial.resolve(name), aside.resolve(name));
        names.add(name);
      }
    }
    return names;
  }

  private static boolean containsOther(Tokenizer tokenizer, Path directory) throws IOException {
    Vocabulary held = held(directory);
    return held != null && !same(held, tokenizer.vocabulary());
  }

  private static boolean containsOwn(Tokenizer tokenizer, Path directory) throws IOException {
    Vocabulary held = held(directory);
    return held != null && same(held, tokenizer.vocabulary());
  }

  /** Of the tokenizer that would be loaded; null where none can be, which is no other then. */
  private static @Nullable Vocabulary held(Path directory) throws IOException {
    try {
      return Tokenizers.load(directory).vocabulary();
    } catch (ProviderException e) {
      return null;
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // which says nothing about the files
      }
      return null;
    }
  }

  private static boolean same(Vocabulary one, Vocabulary other) {
    boolean same = one.size() == other.size();
    for (int id = 0; same && id < one.size(); id++) {
      same = one.token(id).equals(other.token(id));
    }
    return same;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      // opening and closing the lock's file would release the lock
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(DirectoryLock.FILE))
          .toList();
    }
  }
}
