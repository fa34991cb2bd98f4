package io.fundamentallm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fundamentallm.contract.ToyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixWriterTest {
  /** Long enough for a file. */
  private static final int[] ONE = IntStream.range(0, 40).toArray();

  private static final int[] OTHER = IntStream.range(0, 40).map(i -> 40 - i).toArray();

  @TempDir private Path folder;

  private PrefixCache cache(long memory) throws IOException {
    return PrefixCache.builder()
        .maxBytes(memory)
        .directory(folder.resolve("prefixes"), "a tokenizer", 1 << 20)
        .build();
  }

  private static void put(PrefixCache cache, SavingModel model, int[] tokens) {
    try (Session session = model.open()) {
      session.append(tokens);
      cache.put(model, tokens, session);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for two minutes").isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  @Test
  void what_a_runtime_throws_is_told_and_does_not_end_the_writer() throws Exception {
    SavingModel model = new SavingModel();
    try (PrefixCache cache = cache(1000)) {
      for (Throwable failure :
          new Throwable[] {
            new IllegalArgumentException("what it does not take"),
            new UnsupportedOperationException("what it cannot do"),
            new OutOfMemoryError("Java heap space")
          }) {
        long before = cache.statistics().failures();
        model.onSave(
            () -> {
              if (failure instanceof Error error) {
                throw error;
              }
              throw (RuntimeException) failure;
            });
        put(cache, model, ONE);
        await(() -> cache.statistics().failures() > before);
        assertThat(cache.statistics().failures()).isEqualTo(before + 1);
        assertThat(cache.statistics().lastFailure().orElseThrow()).contains(failure.getMessage());
      }
      model.onSave(() -> {});
      put(cache, model, OTHER);
      await(() -> cache.statistics().written() == 1);
    }
    assertThat(folder.resolve("prefixes").toFile().list()).hasSize(2);
  }

  @Test
  void what_cannot_be_written_for_want_of_memory_is_written_when_there_is_some() throws Exception {
    SavingModel model = new SavingModel();
    CountDownLatch tried = new CountDownLatch(1);
    model.onSave(
        () -> {
          tried.countDown();
          throw new CacheFullException("no memory is left");
        });
    try (PrefixCache cache = cache(1000)) {
      put(cache, model, ONE);
      assertThat(tried.await(2, TimeUnit.MINUTES)).isTrue();
      model.onSave(() -> {});
      await(() -> cache.statistics().written() == 1);
      assertThat(cache.statistics().failures()).isZero();
    }
  }

  @Test
  void what_is_not_written_in_the_end_is_told() throws Exception {
    SavingModel model = new SavingModel();
    PrefixCache full = cache(1000);
    model.onSave(
        () -> {
          throw new CacheFullException("no memory is left");
        });
    put(full, model, ONE);
    full.close();
    assertThat(full.statistics().failures()).isEqualTo(1);
    assertThat(full.statistics().lastFailure().orElseThrow()).contains("no memory is left");

    PrefixCache late = cache(1000);
    model.onSave(() -> {});
    put(late, model, ONE);
    model.close();
    late.close();
    assertThat(late.statistics().written()).isZero();
    assertThat(late.statistics().failures()).isEqualTo(1);
    assertThat(late.statistics().lastFailure().orElseThrow())
        .contains("the model is closed", "close the cache before the model");
  }

  @Test
  void what_waits_when_closing_is_interrupted_is_told() throws Exception {
    SavingModel model = new SavingModel();
    CountDownLatch saving = new CountDownLatch(1);
    model.onSave(
        () -> {
          saving.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    PrefixCache cache = cache(1000);
    put(cache, model, ONE);
    put(cache, model, OTHER);
    Thread closing = new Thread(cache::close);
    closing.start();
    assertThat(saving.await(2, TimeUnit.MINUTES)).isTrue();
    closing.interrupt();
    closing.join();
    await(() -> cache.statistics().failures() == 2);
  }

  @Test
  void what_is_torn_and_cannot_be_deleted_is_counted_and_passed_over() throws Exception {
    SavingModel model = new SavingModel();
    try (PrefixCache cache = cache(1000)) {
      put(cache, model, ONE);
    }
    Path prefixes = folder.resolve("prefixes");
    for (String undeletable : new String[] {".tokens", ".session"}) {
      // a directory with something in it may be deleted by nobody, not even by root
      Path torn = prefixes.resolve("0123456789abcdef".repeat(2) + undeletable);
      Files.createFile(Files.createDirectories(torn).resolve("something"));
      Files.setLastModifiedTime(torn, FileTime.from(Instant.EPOCH));
    }
    try (PrefixCache cache = cache(1000)) {
      assertThat(cache.statistics().failures()).isEqualTo(2); // torn, and in the way
      assertThat(cache.statistics().lastFailure().orElseThrow()).contains("0123456789abcdef");
      put(cache, model, OTHER);
    }
    assertThat(prefixes.toFile().list()).hasSize(6);
  }

  @Test
  void what_cannot_be_deleted_for_room_is_counted_and_passed_over() throws Exception {
    SavingModel model = new SavingModel();
    try (PrefixCache cache = cache(1000)) {
      put(cache, model, ONE);
    }
    Path prefixes = folder.resolve("prefixes");
    Path session;
    try (Stream<Path> all = Files.list(prefixes)) {
      session = all.filter(file -> file.toString().endsWith(".session")).findFirst().orElseThrow();
    }
    Files.delete(session);
    Files.createFile(Files.createDirectory(session).resolve("something"));
    try (PrefixCache cache = PrefixCache.builder().directory(prefixes, "a tokenizer", 1).build()) {
      assertThat(cache.statistics().failures()).isEqualTo(1);
      assertThat(cache.statistics().lastFailure().orElseThrow()).contains(session.toString());
    }
  }

  @Test
  void files_in_a_directory_of_others_are_readable_to_their_owner_alone() throws Exception {
    Path prefixes = Files.createDirectory(folder.resolve("prefixes"));
    assumeThat(Files.getFileStore(prefixes).supportsFileAttributeView("posix")).isTrue();
    Files.setPosixFilePermissions(prefixes, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (PrefixCache cache = cache(1000)) {
      put(cache, new SavingModel(), ONE);
    }
    try (Stream<Path> all = Files.list(prefixes)) {
      assertThat(all.toList())
          .hasSize(2)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(prefixes)))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void an_identifier_that_no_session_takes_is_refused_at_once() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PrefixCache.builder().directory(folder, "t".repeat(1001), 1))
        .withMessage(
            "tokenizer has 1001 characters, expected at most 1000, such as those of"
                + " Tokenizer.fingerprint()");
  }

  @Test
  void what_comes_again_does_not_wait_longer() {
    SettlingPrefixes all = new SettlingPrefixes();
    ToyModel model = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
    long second = TimeUnit.SECONDS.toNanos(1);
    all.add(model, ONE, 0);
    all.add(model, OTHER, second);
    for (int i = 1; i < 30; i++) {
      assertThat(all.add(model, ONE.clone(), i * second / 10)).isNull();
    }
    assertThat(all.settled(3 * second - 1)).isNull();
    assertThat(all.untilSettled(3 * second - 1)).isEqualTo(1);
    assertThat(all.settled(3 * second).tokens()).isEqualTo(ONE);
    assertThat(all.settled(3 * second)).isNull();
    assertThat(all.settled(4 * second).tokens()).isEqualTo(OTHER);
    assertThat(all.isEmpty()).isTrue();
  }

  @Test
  void what_grows_waits_anew_and_its_beginning_does_not_wait_any_more() {
    SettlingPrefixes all = new SettlingPrefixes();
    ToyModel model = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
    long second = TimeUnit.SECONDS.toNanos(1);
    all.add(model, new int[] {1, 2}, 0);
    all.add(model, new int[] {1, 2, 3}, second);
    assertThat(all.settled(4 * second - 1)).isNull();
    assertThat(all.settled(4 * second).tokens()).containsExactly(1, 2, 3);
    assertThat(all.isEmpty()).isTrue();
  }

  @Test
  void the_oldest_makes_room_and_is_returned() {
    SettlingPrefixes all = new SettlingPrefixes();
    ToyModel model = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
    for (int i = 0; i < SettlingPrefixes.MAX_WAITING; i++) {
      assertThat(all.add(model, new int[] {i, 7}, i)).isNull();
    }
    assertThat(all.add(model, new int[] {-1}, 9999).tokens()).containsExactly(0, 7);
  }
}
