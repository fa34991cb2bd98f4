package io.fundamentallm.webservice.model;

import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.CannotStart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * The models by their names. The first is loaded at the start and stays; others are loaded when a
 * request asks for them. Where one would take more than the memory for them all, those that were
 * used longest ago are unloaded before, but none that a request uses. Requests for a model that is
 * being loaded wait for the same load. Thread-safe.
 */
public final class Models implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Function<ModelSource, ServedModel> loader;
  private final long maxBytes;
  private final ServedModel first;
  private final List<Consumer<ServedModel>> unloading = new ArrayList<>();
  private long clock;

  /**
   * Loads the first.
   *
   * @param descriptions of all, the first one first
   * @param maxBytes what the files of loaded models may have together
   */
  Models(
      List<ModelDescription> descriptions,
      long maxBytes,
      Function<ModelSource, ServedModel> loader) {
    this.loader = loader;
    this.maxBytes = maxBytes;
    for (ModelDescription description : descriptions) {
      if (entries.put(description.name(), new Entry(description)) != null) {
        throw new CannotStart(
            "two models have the name " + description.name(),
            "Give one of them another name.",
            null);
      }
    }
    Entry entry = entry(descriptions.get(0).name());
    first = loader.apply(entry.description.source());
    entry.loaded = CompletableFuture.completedFuture(first);
    entry.users = 1; // for good
  }

  /** The one that the service started with. */
  public ServedModel first() {
    return first;
  }

  /** What is known of each, loaded or not. */
  public List<ModelDescription> all() {
    return entries.values().stream().map(entry -> entry.description).toList();
  }

  /**
   * What is known of one.
   *
   * @throws ApiException if there is none of that name
   */
  public ModelDescription describe(String name) {
    return entry(name).description;
  }

  /** It, if it is in memory now. It may be unloaded at any time, but what it is stays known. */
  public synchronized Optional<ServedModel> loaded(String name) {
    CompletableFuture<ServedModel> loaded = entry(name).loaded;
    return loaded != null && loaded.isDone() && !loaded.isCompletedExceptionally()
        ? Optional.of(loaded.join())
        : Optional.empty();
  }

  /** Hears of each model before it is unloaded. */
  public synchronized void onUnload(Consumer<ServedModel> listener) {
    unloading.add(listener);
  }

  /** For one request, until it is closed. */
  public Use use() {
    return new Use();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      List<String> names = entries.keySet().stream().map(known -> "'" + known + "'").toList();
      throw new ApiException(
          HttpStatus.NOT_FOUND,
          "invalid_request_error",
          "model",
          "model_not_found",
          "the model '"
              + name
              + (names.size() == 1
                  ? "' does not exist; here is " + names.get(0) + ", and no other"
                  : "' does not exist; here are " + String.join(", ", names)));
    }
    return entry;
  }

  /** A model's use by one request: it is not unloaded meanwhile. */
  public final class Use implements AutoCloseable {
    private @Nullable Entry used;
    private boolean closed;

    private Use() {}

    /**
     * The model, loaded if need be; once for each use.
     *
     * @param name null for the first
     * @throws ApiException if there is none of that name, no memory for it, or it cannot be loaded
     * @throws CancellationException if this was closed
     */
    public ServedModel of(@Nullable String name) {
      Entry entry = name == null ? entry(first.name()) : entry(name);
      CompletableFuture<ServedModel> loading;
      List<ServedModel> unloaded = List.of();
      boolean ours = false;
      synchronized (Models.this) {
        if (closed) {
          throw new CancellationException("the request has ended");
        }
        if (entry.loaded == null) {
          unloaded = makeRoom(entry);
          entry.loaded = new CompletableFuture<>();
          ours = true;
        }
        loading = entry.loaded;
        entry.users++;
        used = entry;
      }
      unloaded.forEach(Models.this::unload);
      if (ours) {
        load(entry, loading);
      }
      try {
        return loading.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof ApiException refused ? refused : e;
      }
    }

    @Override
    public void close() {
      synchronized (Models.this) {
        if (!closed && used != null) {
          used.users--;
          used.lastUse = ++clock;
        }
        closed = true;
      }
    }
  }

  private void load(Entry entry, CompletableFuture<ServedModel> loading) {
    try {
      loading.complete(loader.apply(entry.description.source()));
    } catch (RuntimeException | OutOfMemoryError e) {
      synchronized (this) {
        entry.loaded = null; // the next request may try again
      }
      LOG.error("the model {} cannot be loaded", entry.description.name(), e);
      boolean memory =
          e instanceof OutOfMemoryError || e.getCause() instanceof HeapTooSmallException;
      loading.completeExceptionally(
          memory
              ? full(entry.description.name())
              : new ApiException(
                  HttpStatus.INTERNAL_SERVER_ERROR,
                  "server_error",
                  "model",
                  "model_load_failed",
                  "the model '"
                      + entry.description.name()
                      + "' cannot be loaded; the log says why"));
    }
  }

  /** Takes from the entries what has to go; guarded by this. */
  private List<ServedModel> makeRoom(Entry wanted) {
    long bytes = wanted.description.bytes();
    List<Entry> loaded = entries.values().stream().filter(entry -> entry.loaded != null).toList();
    for (Entry entry : loaded) {
      bytes += entry.description.bytes();
    }
    List<Entry> idle =
        loaded.stream()
            .filter(entry -> entry.users == 0)
            .sorted(Comparator.comparingLong(entry -> entry.lastUse))
            .toList();
    List<Entry> leaving = new ArrayList<>();
    for (Entry entry : idle) {
      if (bytes > maxBytes) {
        leaving.add(entry);
        bytes -= entry.description.bytes();
      }
    }
    if (bytes > maxBytes) {
      throw full(wanted.description.name());
    }
    List<ServedModel> unloaded = new ArrayList<>();
    for (Entry entry : leaving) {
      Optional.ofNullable(entry.loaded).ifPresent(done -> unloaded.add(done.join()));
      entry.loaded = null;
    }
    return unloaded;
  }

  private static ApiException full(String name) {
    return ApiException.full(
        "there is no memory to load the model '"
            + name
            + "' while others are in use: fundamentallm.models-memory and the heap bound it");
  }

  private void unload(ServedModel model) {
    LOG.info("unloading {}", model.name());
    unloading.forEach(listener -> listener.accept(model));
    model.close();
  }

  /** Closes what is in memory; of a load under way, only the process's end gets rid. */
  @Override
  public synchronized void close() {
    for (Entry entry : entries.values()) {
      loaded(entry.description.name()).ifPresent(ServedModel::close);
      entry.loaded = null;
    }
  }

  /** Guarded by the models. */
  private static final class Entry {
    final ModelDescription description;
    @Nullable CompletableFuture<ServedModel> loaded;
    int users;
    long lastUse;

    Entry(ModelDescription description) {
      this.description = description;
    }
  }
}
