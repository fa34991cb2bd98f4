package io.fundamentallm.chat;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.Token;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatToolCall;
import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Takes an answer apart, token by token: text, thinking, calls of tools. One thread at a time.
 *
 * <p>What is a marker follows from the model: one that its vocabulary has as a special token is
 * that token, and its look-alike in text stays text. White space next to thinking and calls is part
 * of the notation, not of the text. Calls are read only if the prompt has tools, thinking only if
 * the model's template knows it.
 */
public final class ChatParser {
  /**
   * A special token within the text.
   *
   * @param at how many characters of text come before it
   */
  private record Special(long at, String form) {}

  private final Vocabulary vocabulary;
  private final Detokenizer detokenizer;
  private final AnswerReader reader;
  private final Queue<Special> specials = new ArrayDeque<>();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder thinking = new StringBuilder();
  private final List<ChatToolCall> calls = new ArrayList<>();
  private List<ChatPart> parts = new ArrayList<>();

  /** Characters of the tokens so far, whether or not they were released. */
  private long written;

  private long released;
  private boolean finished;

  /**
   * Before the first token.
   *
   * @param tokenizer of the model
   * @param layout how the answer is written
   * @param seed from which the calls' ids are made
   */
  ChatParser(Tokenizer tokenizer, AnswerLayout layout, long seed) {
    vocabulary = tokenizer.vocabulary();
    detokenizer = tokenizer.detokenizer();
    reader = new AnswerReader(layout.markers(vocabulary), layout, new Parts(seed));
  }

  /**
   * Takes the next token of the answer.
   *
   * @return what it added; adjacent pieces of one kind are one part
   */
  public List<ChatPart> append(Token token) {
    requireNonNull(token, "token");
    int id = token.id();
    if (id < vocabulary.size() && vocabulary.special().contains(id)) {
      // half a character before it can never be completed
      int half = detokenizer.fork().finish().length();
      specials.add(new Special(written + half, vocabulary.token(id)));
    } else if (id < vocabulary.size()) {
      written += detokenizer.append(id).length();
    }
    release(token.text());
    releaseSpecials();
    return take();
  }

  /**
   * Ends the answer: what could have become a marker is text. A call that was cut off is left out
   * of {@link #message()}.
   */
  public List<ChatPart> finish() {
    if (!finished) {
      finished = true;
      reader.finish();
    }
    return take();
  }

  /** The answer so far, as a turn of the conversation. */
  public ChatMessage message() {
    return ChatMessage.assistant(text.toString(), calls).withThinking(thinking.toString());
  }

  private void release(String released) {
    for (int i = 0; i < released.length(); i++) {
      if (!Character.isLowSurrogate(released.charAt(i))) {
        releaseSpecials(); // one between the bytes of a character comes behind it
      }
      reader.append(released.charAt(i), Marker.TEXT);
      this.released++;
    }
  }

  private void releaseSpecials() {
    while (!specials.isEmpty() && specials.element().at() <= released) {
      String form = specials.remove().form();
      String kinds = form.isEmpty() ? "" : Marker.ofSpecial(form.length());
      for (int i = 0; i < form.length(); i++) {
        reader.append(form.charAt(i), kinds.charAt(i));
      }
    }
  }

  private List<ChatPart> take() {
    List<ChatPart> taken = parts;
    parts = new ArrayList<>();
    return List.copyOf(taken);
  }

  /** Puts the pieces together. */
  private final class Parts implements AnswerReader.Listener {
    private final long seed;
    private String id = "";
    private int index;

    Parts(long seed) {
      this.seed = seed;
    }

    @Override
    public void text(String more) {
      text.append(more);
      if (last() instanceof ChatPart.Text before) {
        replaceLast(new ChatPart.Text(before.text() + more));
      } else {
        parts.add(new ChatPart.Text(more));
      }
    }

    @Override
    public void thinking(String more) {
      thinking.append(more);
      if (last() instanceof ChatPart.Thinking before) {
        replaceLast(new ChatPart.Thinking(before.text() + more));
      } else {
        parts.add(new ChatPart.Thinking(more));
      }
    }

    @Override
    public void begin(String name) {
      id = CallIds.of(seed, index);
      parts.add(new ChatPart.CallBegin(index, id, name));
    }

    @Override
    public void arguments(String json) {
      if (last() instanceof ChatPart.CallArguments before) {
        replaceLast(new ChatPart.CallArguments(index, before.json() + json));
      } else {
        parts.add(new ChatPart.CallArguments(index, json));
      }
    }

    @Override
    public void end(String name, String arguments) {
      if (!id.isEmpty()) {
        ChatToolCall call = new ChatToolCall(id, name, arguments);
        calls.add(call);
        parts.add(new ChatPart.CallEnd(index, call));
        index++;
        id = "";
      }
    }

    private @Nullable ChatPart last() {
      return parts.isEmpty() ? null : parts.get(parts.size() - 1);
    }

    private void replaceLast(ChatPart part) {
      parts.set(parts.size() - 1, part);
    }
  }
}
