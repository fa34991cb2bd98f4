package io.fundamentallm.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;

/**
 * An answer in parts, computed as they are asked for. Iterated by one thread at a time; {@link
 * #close()} may come from any thread.
 *
 * @apiNote For example:
 *     <pre>{@code
 * ChatPrompt prompt = ChatPrompt.of(List.of(ChatMessage.user("Is it a truth?")));
 * try (ChatAnswer answer = generator.chat(prompt)) {
 *   answer.forEachRemaining(part -> System.out.println(part)); // as it is written
 *   System.out.println(answer.message() + " ended by " + answer.generation().finishReason());
 * }
 * }</pre>
 */
public final class ChatAnswer implements Iterator<ChatPart>, AutoCloseable {
  private final Generation generation;
  private final Tokenizer tokenizer;
  private final AnswerLayout layout;
  private final long seed;
  private final ChatParser parser;
  private final Queue<ChatPart> ready = new ArrayDeque<>();
  private boolean ended;

  private ChatAnswer(Generation generation, Tokenizer tokenizer, AnswerLayout layout, long seed) {
    this.generation = generation;
    this.tokenizer = tokenizer;
    this.layout = layout;
    this.seed = seed;
    parser = parser();
  }

  /**
   * The parts of a generation that answers a prompt; owns the generation from now on.
   *
   * @param notation how the model writes calls
   * @param thinks whether the model may write its thinking
   * @param thinking whether the prompt's last words began it
   */
  public static ChatAnswer of(
      Generation generation,
      Tokenizer tokenizer,
      ChatPrompt prompt,
      ChatNotation notation,
      boolean thinks,
      boolean thinking) {
    return of(generation, tokenizer, prompt, notation, thinks, thinking, false);
  }

  /**
   * As {@link #of(Generation, Tokenizer, ChatPrompt, ChatNotation, boolean, boolean)}.
   *
   * @param held whether a constraint describes the text from its first character to the answer's
   *     end, so that no marker can follow
   */
  public static ChatAnswer of(
      Generation generation,
      Tokenizer tokenizer,
      ChatPrompt prompt,
      ChatNotation notation,
      boolean thinks,
      boolean thinking,
      boolean held) {
    requireNonNull(prompt, "prompt");
    AnswerLayout layout =
        new AnswerLayout(
            ChatSyntax.named(notation.id()),
            prompt.toolChoice().mode() == ToolChoice.Mode.NONE ? List.of() : prompt.tools(),
            thinks,
            thinking,
            prompt.answerSchema().isPresent(),
            held);
    // two turns of a conversation with the same seed must not give the same ids
    long seed = generation.seed() * 31 + generation.summary().promptTokens();
    return new ChatAnswer(generation, tokenizer, layout, seed);
  }

  /**
   * Whether there is another part; computes it. False after the end, and once closed or cancelled.
   */
  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && !ended) {
      if (generation.hasNext()) {
        ready.addAll(parser.append(generation.next()));
      } else {
        ended = true;
        ready.addAll(parser.finish());
      }
    }
    return !ready.isEmpty();
  }

  @Override
  public ChatPart next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the answer has ended");
    }
    return ready.remove();
  }

  /** The tokens behind the parts, for their figures; iterating both loses parts. */
  public Generation generation() {
    return generation;
  }

  /** A parser for another sequence of the same generation, or for its tokens read directly. */
  public ChatParser parser() {
    return new ChatParser(tokenizer, layout, seed);
  }

  /**
   * Reads the rest, closes, and returns the answer as a turn of the conversation. A call that was
   * cut off is left out.
   *
   * @throws CancellationException when the generation was cancelled before its end
   */
  public ChatMessage message() {
    try (this) {
      while (hasNext()) {
        next();
      }
      if (generation.finishReason() == FinishReason.CANCELLED) {
        throw new CancellationException("the answer was cancelled");
      }
      return parser.message();
    }
  }

  /** One of the generation's finished sequences as a turn of the conversation. */
  public ChatMessage message(GeneratedSequence sequence) {
    ChatParser own = parser();
    sequence.tokens().forEach(own::append);
    own.finish();
    return own.message();
  }

  /** As {@link Generation#close()}. */
  @Override
  public void close() {
    generation.close();
  }

  /** The sequences of the generation, each as a turn of the conversation; after its end. */
  public List<ChatMessage> messages() {
    return generation.sequences().stream().map(this::message).toList();
  }
}
