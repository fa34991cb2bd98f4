package io.fundamentallm.webservice.model;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.HeapTooSmallException;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.CannotStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/**
 * The models by their names. The first is loaded at the start and stays; others are loaded when a
 * request asks for them. Where one would take more than the memory for them all, those that were
 * used longest ago are unloaded before, but none that a request uses. Requests for a model that is
 * being loaded wait for the same load, each as long as it may; the load goes on without them.
 * Thread-safe.
 */
public final class Models implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Models.class);

  /** How often who waits for a load asks whether anybody still waits for the answer. */
  private static final Duration LISTEN = Duration.ofMillis(100);

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Function<ModelSource, ServedModel> loader;
  private final long maxBytes;
  private final Duration time;
  private final ServedModel first;
  private final List<Consumer<ServedModel>> unloading = new ArrayList<>();
  private final ExecutorService loads = Executors.newCachedThreadPool(Models::thread);
  private long clock;

  /**
   * Loads the first.
   *
   * @param descriptions of all, the first one first
   * @param maxBytes what the files of loaded models may have together
   * @param time the longest that a request waits for a load
   * @throws CannotStart if two have one name, or one never fits beside the first
   */
  Models(
      List<ModelDescription> descriptions,
      long maxBytes,
      Duration time,
      Function<ModelSource, ServedModel> loader) {
    this.loader = loader;
    this.maxBytes = maxBytes;
    this.time = time;
    requireRoom(descriptions, maxBytes);
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

  /** The first stays, so that what has no room beside it would be refused for good. */
  private static void requireRoom(List<ModelDescription> descriptions, long maxBytes) {
    ModelDescription first = descriptions.get(0);
    for (ModelDescription further : descriptions.subList(1, descriptions.size())) {
      long together = first.bytes() + further.bytes();
      if (together > maxBytes) {
        throw new CannotStart(
            "the model "
                + further.name()
                + ", whose files have "
                + further.bytes()
                + " bytes, can never be loaded beside "
                + first.name()
                + ", which stays and has "
                + first.bytes()
                + ": together they may have "
                + maxBytes,
            "Start with --fundamentallm.models-memory="
                + ((together - 1) / (1 << 20) + 1)
                + "MB or more, and a heap to hold both, as in java -Xmx8g -jar …; it is half of the"
                + " heap unless it is set.",
            null);
      }
    }
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
    return Optional.ofNullable(entry(name).inMemory());
  }

  /** Hears of each model before it is unloaded. */
  public synchronized void onUnload(Consumer<ServedModel> listener) {
    unloading.add(listener);
  }

  /** For one request, until it is closed. */
  public Use use() {
    return use(Cancellation.none());
  }

  /** For one request, until it is closed; its wait for a model's load also ends if cancelled. */
  public Use use(Cancellation cancellation) {
    return new Use(cancellation);
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
                  ? "' does not exist; the only one here is " + names.get(0)
                  : "' does not exist; here are " + String.join(", ", names)));
    }
    return entry;
  }

  /** A model's use by one request: it is not unloaded meanwhile. */
  public final class Use implements AutoCloseable {
    private @Nullable Entry used;
    private final Cancellation cancellation;
    private boolean closed;

    private Use(Cancellation cancellation) {
      this.cancellation = cancellation;
    }

    /**
     * The model, loaded if need be; once for each use.
     *
     * @param name null for the first
     * @throws ApiException if there is none of that name, no memory for it, it cannot be loaded, or
     *     its load takes too long: then that goes on for later requests
     * @throws CancellationException if this was closed or cancelled
     */
    public ServedModel of(@Nullable String name) {
      Entry entry = name == null ? entry(first.name()) : entry(name);
      CompletableFuture<ServedModel> loading;
      synchronized (Models.this) {
        if (closed) {
          throw new CancellationException("the request has ended");
        }
        if (entry.loaded == null) {
          List<ServedModel> leaving = makeRoom(entry);
          loading = new CompletableFuture<>();
          entry.loaded = loading;
          begin(entry, loading, leaving);
        } else {
          loading = entry.loaded;
        }
        entry.users++;
        used = entry;
      }
      return awaited(entry, loading, cancellation);
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

  private ServedModel awaited(
      Entry entry, CompletableFuture<ServedModel> loading, Cancellation cancellation) {
    String name = entry.description.name();
    try {
      long end = System.nanoTime() + time.toNanos();
      for (long left = time.toNanos(); left > LISTEN.toNanos(); left = end - System.nanoTime()) {
        cancellation.throwIfCancelled();
        try {
          return loading.get(LISTEN.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          // not yet
        }
      }
      return loading.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw ApiException.late(
          "the model '"
              + name
              + "' is still being loaded after "
              + time.toSeconds()
              + " s; send the request again later");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ApiException refused ? refused : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the wait for the model '" + name + "' was interrupted");
    }
  }

  private static Thread thread(Runnable load) {
    Thread thread = new Thread(load, "model-load");
    thread.setDaemon(true); // only the end of the process ends a load
    return thread;
  }

  private void begin(
      Entry entry, CompletableFuture<ServedModel> loading, List<ServedModel> leaving) {
    try {
      loads.execute(() -> load(entry, loading, leaving));
    } catch (RejectedExecutionException | OutOfMemoryError e) { // closed, or no more threads
      leaving.forEach(this::unload);
      failed(entry, loading, e);
    }
  }

  /** Whatever happens, the future is completed: requests wait for it. */
  private void load(
      Entry entry, CompletableFuture<ServedModel> loading, List<ServedModel> leaving) {
    try {
      leaving.forEach(this::unload);
      loading.complete(loader.apply(entry.description.source()));
    } catch (Throwable e) {
      failed(entry, loading, e);
    }
  }

  private void failed(Entry entry, CompletableFuture<ServedModel> loading, Throwable e) {
    String name = entry.description.name();
    synchronized (this) {
      entry.loaded = null; // the next request may try again
    }
    LOG.error("the model {} cannot be loaded", name, e);
    boolean memory =
        Stream.iterate(e, Objects::nonNull, Throwable::getCause)
            .anyMatch(
                cause ->
                    cause instanceof OutOfMemoryError || cause instanceof HeapTooSmallException);
    loading.completeExceptionally(
        memory
            ? full(name)
            : new ApiException(
                HttpStatus.INTERNAL_SERVER_ERROR,
                "server_error",
                "model",
                "model_load_failed",
                "the model '" + name + "' cannot be loaded; the log says why"));
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
            .filter(entry -> entry.users == 0 && entry.inMemory() != null)
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
      Optional.ofNullable(entry.inMemory()).ifPresent(unloaded::add);
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
    try (model) {
      unloading.forEach(listener -> listener.accept(model));
    } catch (RuntimeException e) {
      LOG.error("the model {} was not unloaded in order", model.name(), e);
    }
  }

  /** Closes what is in memory; of a load under way, only the process's end gets rid. */
  @Override
  public synchronized void close() {
    loads.shutdown();
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

    /** Null unless its load is over. */
    @Nullable ServedModel inMemory() {
      return loaded == null || loaded.isCompletedExceptionally() ? null : loaded.getNow(null);
    }
  }
}
