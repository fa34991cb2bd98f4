package io.fundamentallm.internal.batching;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Spec.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The models that are used in several places, each in memory once. Thread-safe. */
public final class SharedModels {
  /**
   * Uses with equal keys share a model.
   *
   * @param directory its real path
   * @param runtime the requested runtime with its options; null for the one of highest priority
   * @param registry see {@link io.fundamentallm.Registry#identity()}
   */
  public record Key(Path directory, @Nullable Stage runtime, Object registry) {}

  /** Reads the weights. */
  public interface Loading {
    LanguageModel load() throws IOException;
  }

  private static final class Entry {
    /** Held while the model is loaded or closed, so that there is never a second copy. */
    final ReentrantLock lock = new ReentrantLock();

    @Nullable LanguageModel model;
    int uses;
    boolean forgotten;
  }

  private final ConcurrentMap<Key, Entry> entries = new ConcurrentHashMap<>();

  /** Another use of a model; the first one loads it, and those that arrive meanwhile wait. */
  public LanguageModel use(Key key, Loading loading) throws IOException {
    while (true) {
      Entry entry = entries.computeIfAbsent(key, k -> new Entry());
      entry.lock.lock();
      try {
        if (!entry.forgotten) {
          return use(key, entry, loading);
        }
      } finally {
        entry.lock.unlock();
      }
    }
  }

  private LanguageModel use(Key key, Entry entry, Loading loading) throws IOException {
    LanguageModel model = entry.model;
    if (model == null) {
      try {
        model = loading.load();
        entry.model = model;
      } finally {
        if (entry.model == null) {
          forget(key, entry); // those that waited each try for themselves
        }
      }
    }
    LanguageModel use = new SharedModel(model, () -> release(key, entry));
    entry.uses++;
    return use;
  }

  private void release(Key key, Entry entry) {
    entry.lock.lock();
    try {
      entry.uses--;
      if (entry.uses == 0 && entry.model != null) {
        try {
          entry.model.close();
        } finally {
          forget(key, entry);
        }
      }
    } finally {
      entry.lock.unlock();
    }
  }

  private void forget(Key key, Entry entry) {
    entry.forgotten = true;
    entry.model = null;
    entries.remove(key, entry);
  }

  /** How many models are in memory. */
  public int size() {
    return entries.size();
  }
}
