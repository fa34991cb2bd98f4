package io.fundamentallm.decoding;

import static java.util.Objects.requireNonNull;

import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Tokens in order, computed as they are asked for. Iterated by one thread at a time; {@link
 * #close()} may come from any thread.
 *
 * @apiNote For example:
 *     <pre>{@code
 * try (Generation tokens = generator.tokens("It is a truth")) {
 *   tokens.forEachRemaining(token -> System.out.print(token.text()));
 *   System.out.println(tokens.finishReason());
 * }
 * }</pre>
 */
public interface Generation extends Iterator<Token>, AutoCloseable {
  /**
   * Whether there is another token; computes it. False after the end, and once closed or cancelled.
   */
  @Override
  boolean hasNext();

  /**
   * Whether it is known to have ended, so that {@link #hasNext()} will be false; computes nothing.
   */
  boolean hasEnded();

  /**
   * The next token.
   *
   * @throws java.util.NoSuchElementException where {@link #hasNext()} is false
   */
  @Override
  Token next();

  /**
   * Why it ended.
   *
   * @throws IllegalStateException while it has not
   */
  FinishReason finishReason();

  /** The seed of this generation, chosen at random if the options have none. */
  long seed();

  /**
   * All finished sequences, best first if the decoder ranks them: one, unless the decoder was asked
   * for several. The first is the one that was iterated.
   *
   * @throws IllegalStateException before the end, or if the generation was cut off
   */
  List<GeneratedSequence> sequences();

  /** Figures so far. Read by the thread that iterates. */
  GenerationSummary summary();

  /** The remaining tokens; closing the stream closes the generation. */
  default Stream<Token> stream() {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(
                this, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE),
            false)
        .onClose(this::close);
  }

  /**
   * Takes all remaining tokens, closes, and returns their text: without that of tokens that were
   * iterated before, and so empty once all of them were.
   *
   * @throws CancellationException when the generation was cancelled before its end
   */
  default String text() {
    return text(piece -> {});
  }

  /**
   * As {@link #text()}, and also gives the text to a consumer as it is computed.
   *
   * @param pieces gets each piece that is not empty; what it throws closes the generation and is
   *     rethrown
   */
  default String text(Consumer<String> pieces) {
    requireNonNull(pieces, "pieces");
    try (this) {
      StringBuilder text = new StringBuilder();
      while (hasNext()) {
        String piece = next().text();
        if (!piece.isEmpty()) {
          text.append(piece);
          pieces.accept(piece);
        }
      }
      if (finishReason() == FinishReason.CANCELLED) {
        int tokens = summary().generatedTokens(); // those before this call count, too
        throw new CancellationException(
            "the generation was cancelled after " + tokens + (tokens == 1 ? " token" : " tokens"));
      }
      return text.toString();
    }
  }

  /**
   * Ends the generation and frees its session. Work under way in another thread, even on the
   * prompt, stops within one token, and its {@link #hasNext()} returns false. Does nothing the
   * second time, or after the end.
   */
  @Override
  void close();
}
