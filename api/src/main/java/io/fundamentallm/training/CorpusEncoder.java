package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.corpus.CorpusReader;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes a corpus on several threads: one reads ahead and writes what the others encoded, in the
 * order of the documents. Closing ends the threads.
 */
final class CorpusEncoder implements AutoCloseable {
  /** Characters that a thread gets at once; more if a part has more. */
  private static final int BATCH = 1 << 18;

  private final Tokenizer tokenizer;
  private final DocumentMarks marks;
  private final int width;
  private final CorpusReader reader;
  private final int waiting;
  private final ExecutorService threads;

  /** Batches being encoded, in the order of the corpus. */
  private final Deque<Future<Encoded>> encoding = new ArrayDeque<>();

  private boolean first = true;

  /**
   * The bytes of some tokens.
   *
   * @param read bytes of the corpus up to the end of these tokens
   */
  private record Encoded(ByteBuffer bytes, long read) {}

  /**
   * Encodes what the reader reads, and closes it.
   *
   * @param width bytes of a token, 2 or 4
   */
  CorpusEncoder(Tokenizer tokenizer, int width, CorpusReader reader, int threads) {
    this.tokenizer = tokenizer;
    this.marks = DocumentMarks.of(tokenizer);
    this.width = width;
    this.reader = reader;
    waiting = 2 * threads;
    this.threads =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "fundamentallm-encode");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Writes the tokens of everything left to read.
   *
   * @param progress receives how many bytes of the corpus are done
   */
  void writeTo(FileChannel channel, Cancellation cancellation, LongConsumer progress)
      throws IOException {
    boolean more = true;
    while (more || !encoding.isEmpty()) {
      cancellation.throwIfCancelled();
      more = more && submit();
      if (encoding.size() > waiting || (!more && !encoding.isEmpty())) {
        Encoded next = get(encoding.remove());
        while (next.bytes.hasRemaining()) {
          channel.write(next.bytes);
        }
        progress.accept(next.read);
      }
    }
  }

  /** Reads a batch and submits it for encoding; false at the end. */
  private boolean submit() throws IOException {
    List<CorpusReader.Part> batch = new ArrayList<>();
    int characters = 0;
    CorpusReader.@Nullable Part part = null;
    while (characters < BATCH && (part = reader.next()) != null) {
      batch.add(part);
      characters += part.text().length() + 1; // documents may be empty
    }
    if (!batch.isEmpty()) {
      boolean begins = first;
      long read = reader.bytesRead();
      encoding.add(threads.submit(() -> encode(batch, begins, read)));
      first = false;
    }
    return part != null;
  }

  private Encoded encode(List<CorpusReader.Part> batch, boolean begins, long read) {
    List<int[]> encoded = new ArrayList<>();
    int count = 0;
    for (CorpusReader.Part part : batch) {
      int[] tokens = encode(part);
      encoded.add(tokens);
      count += tokens.length + 2;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, width)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < encoded.size(); i++) {
      CorpusReader.Part part = batch.get(i);
      if (part.first()) {
        marks.before(begins && i == 0).ifPresent(token -> put(token, bytes));
      }
      for (int token : encoded.get(i)) {
        put(token, bytes);
      }
      if (part.last()) {
        marks.after().ifPresent(token -> put(token, bytes));
      }
    }
    return new Encoded(bytes.flip(), read);
  }

  private int[] encode(CorpusReader.Part part) {
    try {
      return tokenizer.encode(part.text());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(part + ": " + e.getMessage(), e);
    }
  }

  private void put(int token, ByteBuffer bytes) {
    if (width == Integer.BYTES) {
      bytes.putInt(token);
    } else {
      bytes.putShort((short) token);
    }
  }

  private static Encoded get(Future<Encoded> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while text was encoded");
    } catch (ExecutionException e) {
      Throwable cause = requireNonNull(e.getCause());
      if (cause instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) cause; // encoding declares no others
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    reader.close();
  }
}
