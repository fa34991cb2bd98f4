package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoadingTokenizerTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  private static LoadingTokenizer begin(Registry.Call<Tokenizer, IOException> load)
      throws IOException {
    return LoadingTokenizer.begin(new Tokenizers.Found(new Stubs.Bytes("any"), load));
  }

  /** A class that is not in the library's packages. */
  private static TokenizerProvider another() {
    TokenizerProvider another =
        (TokenizerProvider)
            Proxy.newProxyInstance(
                TokenizerProvider.class.getClassLoader(),
                new Class<?>[] {TokenizerProvider.class},
                (proxy, method, arguments) -> {
                  throw new UnsupportedOperationException(method.getName());
                });
    assertThat(another.getClass().getName()).doesNotStartWith("io.fundamentallm.");
    return another;
  }

  @Test
  void that_of_another_provider_loads_at_once_in_the_thread_of_the_caller() throws IOException {
    AtomicReference<Thread> by = new AtomicReference<>();
    LoadingTokenizer loaded =
        LoadingTokenizer.begin(
            new Tokenizers.Found(
                another(),
                () -> {
                  by.set(Thread.currentThread());
                  return BYTES;
                }));
    assertThat(by.get()).isSameAs(Thread.currentThread());
    assertThat(loaded.get()).isSameAs(BYTES);
    IOException failure = new IOException("tokenizer.json: byte 7: no comma");
    assertThatThrownBy(
            () ->
                LoadingTokenizer.begin(
                    new Tokenizers.Found(
                        another(),
                        () -> {
                          throw failure;
                        })))
        .as("before a model is loaded")
        .isSameAs(failure);
  }

  @Test
  void a_checked_exception_that_nobody_declared_is_wrapped() throws IOException {
    Exception checked = new Exception("of another language");
    LoadingTokenizer loading =
        begin(
            () -> {
              throw LoadingTokenizerTest.<RuntimeException>undeclared(checked);
            });
    assertThatThrownBy(loading::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("of another language")
        .hasCause(checked);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Kotlin and Scala throw
  private static <E extends Exception> E undeclared(Exception thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void it_loads_in_a_daemon_thread_with_the_context_class_loader_of_the_caller()
      throws IOException {
    AtomicReference<Thread> by = new AtomicReference<>();
    AtomicReference<ClassLoader> with = new AtomicReference<>();
    LoadingTokenizer loading =
        begin(
            () -> {
              by.set(Thread.currentThread());
              with.set(Thread.currentThread().getContextClassLoader());
              return BYTES;
            });
    assertThat(loading.get()).isSameAs(BYTES);
    assertThat(by.get()).isNotSameAs(Thread.currentThread());
    assertThat(by.get().isDaemon()).isTrue();
    assertThat(with.get()).isSameAs(Thread.currentThread().getContextClassLoader());
  }

  @Test
  void what_loading_throws_reaches_the_caller_as_it_is() throws IOException {
    IOException checked = new IOException("tokenizer.json: byte 7: no comma");
    IllegalArgumentException unchecked = new IllegalArgumentException("no option x");
    Error error = new OutOfMemoryError("Java heap space");
    for (Throwable thrown : List.of(checked, unchecked, error)) {
      LoadingTokenizer loading =
          begin(
              () -> {
                if (thrown instanceof IOException e) {
                  throw e;
                } else if (thrown instanceof RuntimeException e) {
                  throw e;
                }
                throw (Error) thrown;
              });
      assertThatThrownBy(loading::get).isSameAs(thrown);
    }
  }

  @Test
  void an_interrupted_caller_waits_and_stays_interrupted() throws IOException {
    Thread caller = Thread.currentThread();
    LoadingTokenizer loading =
        begin(
            () -> {
              caller.interrupt();
              while (caller.isInterrupted()) { // until the caller has noticed, and waits again
                Thread.onSpinWait();
              }
              return BYTES;
            });
    assertThat(loading.get()).isSameAs(BYTES);
    assertThat(Thread.interrupted()).isTrue();
  }
}
