package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Stubs.Toys;
import io.fundamentallm.contract.ForwardingModel;
import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.internal.batching.SharedModels;
import io.fundamentallm.internal.batching.WatchedModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One copy of the weights, and uses that know nothing of each other. */
class SharedModelsTest {
  @TempDir static Path folder;

  private final List<ToyModel> loaded = new CopyOnWriteArrayList<>();
  private final Registry registry = Registry.of().with(new Toys("toy", 0, "model", loaded::add));
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectories(folder.resolve("model"));
  }

  @AfterEach
  void unconfigure() {
    System.clearProperty("fundamentallm.runtime");
  }

  @Nested
  class A_use extends LanguageModelContract {
    @Override
    protected LanguageModel model() throws IOException {
      return LanguageModels.shared(directory, registry);
    }
  }

  @Test
  void a_model_is_loaded_by_the_first_use_and_closed_with_the_last() throws IOException {
    LanguageModel first = LanguageModels.shared(directory, registry);
    LanguageModel second = LanguageModels.shared(directory, registry);
    assertThat(second).isNotSameAs(first);
    assertThat(loaded).hasSize(1);
    first.close();
    first.close();
    loaded.get(0).open().close();
    second.close();
    assertThatExceptionOfType(ClosedModelException.class).isThrownBy(() -> loaded.get(0).open());
    LanguageModels.shared(directory, registry).close();
    assertThat(loaded).hasSize(2);
  }

  @Test
  void a_closed_use_refuses_everything_and_the_others_go_on() throws IOException {
    LanguageModel closed = LanguageModels.shared(directory, registry);
    try (LanguageModel other = LanguageModels.shared(directory, registry);
        Session going = other.open()) {
      Session ended = closed.open();
      ended.append(new int[] {1});
      closed.open();
      assertThat(loaded.get(0).openSessions()).isEqualTo(3);
      closed.close();
      assertThat(loaded.get(0).openSessions()).as("its sessions are freed").isEqualTo(1);
      assertThatExceptionOfType(ClosedModelException.class)
          .isThrownBy(closed::open)
          .withMessage("this use of the shared model is closed");
      assertThatExceptionOfType(ClosedModelException.class)
          .isThrownBy(() -> ended.append(new int[] {1}));
      assertThatExceptionOfType(ClosedModelException.class).isThrownBy(ended::fork);
      assertThatExceptionOfType(ClosedModelException.class).isThrownBy(() -> ended.truncate(0));
      assertThatExceptionOfType(ClosedModelException.class).isThrownBy(() -> ended.evict(0, 0));
      ended.close();
      going.append(new int[] {1});
      assertThat(going.model()).isSameAs(other);
      assertThat(going.length()).isEqualTo(1);
    }
  }

  @Test
  void a_batch_holds_sessions_of_one_use() throws IOException {
    try (LanguageModel one = LanguageModels.shared(directory, registry);
        LanguageModel two = LanguageModels.shared(directory, registry);
        Session mine = one.open();
        Session theirs = two.open()) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  one.forward(
                      List.of(Append.of(mine, new int[] {1}), Append.of(theirs, new int[] {1})),
                      Cancellation.none()))
          .withMessage("append 1: its session belongs to another model");
      assertThat(mine.length()).isZero();
    }
  }

  @Test
  void directory_runtime_and_registry_tell_copies_apart() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), directory);
    Registry equal = Registry.of().with(new Toys("toy", 0, "model", loaded::add));
    List<LanguageModel> uses = new ArrayList<>();
    uses.add(LanguageModels.shared(directory, "toy(context=7)", registry));
    uses.add(LanguageModels.shared(link, "toy( context = 7 )", registry));
    assertThat(loaded).hasSize(1);
    uses.add(LanguageModels.shared(directory, "toy(context=8)", registry));
    uses.add(LanguageModels.shared(directory, registry));
    uses.add(LanguageModels.shared(directory, registry.with()));
    uses.add(LanguageModels.shared(directory, "toy(context=7)", equal));
    assertThat(loaded).hasSize(5);
    System.setProperty("fundamentallm.runtime", "toy(context=8)");
    uses.add(LanguageModels.shared(directory, registry));
    assertThat(loaded).as("the runtime that the process configured").hasSize(5);
    uses.forEach(LanguageModel::close);
    assertThat(Registry.standard().identity()).isEqualTo(Registry.standard().identity());
    assertThat(Registry.of().identity()).isNotEqualTo(Registry.standard().identity());
  }

  @Test
  void a_failed_load_leaves_nothing_behind() throws IOException {
    Registry broken = Registry.of().with(new Toys("toy", 0, "broken"));
    Path bad = Files.createDirectories(folder.resolve("broken"));
    for (int i = 0; i < 2; i++) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> LanguageModels.shared(bad, broken))
          .withMessageContaining("byte 12");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.shared(directory, "toy(contxt=7)", registry));
    assertThatExceptionOfType(ClosedModelException.class).isThrownBy(() -> loaded.get(0).open());
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> LanguageModels.shared(folder.resolve("none"), registry))
        .withMessageContaining("none: there is no such file or directory");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.shared(directory))
        .withMessageContaining("no runtime can load the model");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.shared(directory, "tyo"))
        .withMessageContaining("no runtime named \"tyo\"");
  }

  @Test
  void those_who_come_while_a_load_fails_try_for_themselves() throws Exception {
    SharedModels models = new SharedModels();
    SharedModels.Key key = new SharedModels.Key(directory, null, registry);
    CountDownLatch loading = new CountDownLatch(1);
    Semaphore fail = new Semaphore(0);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<LanguageModel> first =
          threads.submit(
              () ->
                  models.use(
                      key,
                      () -> {
                        loading.countDown();
                        fail.acquireUninterruptibly();
                        throw new IOException("a test's own");
                      }));
      assertThat(loading.await(5, TimeUnit.MINUTES)).isTrue();
      AtomicReference<Thread> waiting = new AtomicReference<>();
      Future<LanguageModel> second =
          threads.submit(
              () -> {
                waiting.set(Thread.currentThread());
                return models.use(
                    key, () -> new ToyModel(ToyModel.info(9, 9).build(), ToyModel.hashing()));
              });
      while (waiting.get() == null || LockSupport.getBlocker(waiting.get()) == null) {
        Thread.sleep(1);
      }
      fail.release();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(first::get)
          .withMessageContaining("a test's own");
      assertThat(second.get().info().vocabularySize()).isEqualTo(9);
      assertThat(models.size()).isEqualTo(1);
      second.get().close();
      assertThat(models.size()).isZero();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void at_no_time_are_there_two_copies() throws Exception {
    AtomicInteger copies = new AtomicInteger();
    AtomicInteger loads = new AtomicInteger();
    SharedModels models = new SharedModels();
    SharedModels.Key key = new SharedModels.Key(directory, null, registry);
    SharedModels.Loading loading =
        () -> {
          loads.incrementAndGet();
          assertThat(copies.incrementAndGet()).isEqualTo(1);
          return new Counted(copies);
        };
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        results.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    try (LanguageModel model = models.use(key, loading);
                        Session session = model.open()) {
                      session.append(new int[] {i % 9});
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(loads.get()).isPositive();
    assertThat(copies).hasValue(0);
    assertThat(models.size()).isZero();
  }

  @Test
  void a_decoders_step_brings_the_same_append_each_time() throws IOException {
    List<Append> seen = new ArrayList<>();
    WatchedModel watched = new WatchedModel(ToyModel.info(9, 9).build()).free();
    watched.inspection = seen::addAll;
    LanguageModelProvider provider = new Given(watched);
    try (LanguageModel model = LanguageModels.shared(directory, Registry.of().with(provider));
        Session session = model.open()) {
      int[] token = {1};
      float[][] rows = new float[1][9];
      for (int i = 0; i < 3; i++) {
        model.forward(List.of(Append.of(session, token, rows)), Cancellation.none());
      }
      assertThat(seen).hasSize(3);
      assertThat(seen.get(1)).isSameAs(seen.get(0));
      assertThat(seen.get(2)).isSameAs(seen.get(0));
    }
  }

  /** Counts itself as long as it is open. */
  private static final class Counted extends ForwardingModel {
    private final AtomicInteger copies;
    private final ToyModel toy;

    Counted(AtomicInteger copies) {
      this(copies, new ToyModel(ToyModel.info(9, 9).build(), ToyModel.hashing()));
    }

    private Counted(AtomicInteger copies, ToyModel toy) {
      super(toy);
      this.copies = copies;
      this.toy = toy;
    }

    @Override
    public void close() {
      assertThat(toy.openSessions()).isZero();
      toy.close();
      copies.decrementAndGet();
    }
  }

  /** Gives the model it was given. */
  private record Given(LanguageModel model) implements LanguageModelProvider {
    @Override
    public String name() {
      return "given";
    }

    @Override
    public Support supports(Path path) {
      return Support.yes("it is a test's own");
    }

    @Override
    public LanguageModel load(Path path, Options options) {
      return model;
    }
  }
}
