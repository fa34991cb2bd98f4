package io.fundamentallm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Encodes a conversation so that only the template speaks in special tokens. */
final class ChatPrompt {
  /** Between noncharacters: no text has them, and no template changes them. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\uFDD0(\\d+)\uFDD1");

  private ChatPrompt() {}

  static int[] encode(Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    int[] whole = tokenizer.encode(template.render(messages, true), SpecialTokens.all());
    int[] apart = encodeApart(tokenizer, template, messages);
    // the whole has the template's own token boundaries, and is safe if only the template's special
    // tokens are in it
    return specials(tokenizer, whole) == specials(tokenizer, apart) ? whole : apart;
  }

  private static long specials(Tokenizer tokenizer, int[] tokens) {
    Set<Integer> special = tokenizer.vocabulary().special();
    return IntStream.of(tokens).filter(special::contains).count();
  }

  /** Renders with a placeholder for each content, and encodes the contents by themselves. */
  private static int[] encodeApart(
      Tokenizer tokenizer, ChatTemplate template, List<ChatMessage> messages) {
    List<ChatMessage> marked = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      marked.add(new ChatMessage(messages.get(i).role(), placeholder(i)));
    }
    String rendered = template.render(marked, true);
    IntStream.Builder tokens = IntStream.builder();
    int at = 0;
    // a template may leave messages out, repeat them, or put them in another order
    Matcher found = PLACEHOLDER.matcher(rendered);
    while (found.find()) {
      add(tokens, tokenizer.encode(rendered.substring(at, found.start()), SpecialTokens.all()));
      add(tokens, tokenizer.encode(messages.get(Integer.parseInt(found.group(1))).content()));
      at = found.end();
    }
    add(tokens, tokenizer.encode(rendered.substring(at), SpecialTokens.all()));
    return tokens.build().toArray();
  }

  private static void add(IntStream.Builder tokens, int[] more) {
    for (int token : more) {
      tokens.add(token);
    }
  }

  private static String placeholder(int index) {
    return "\uFDD0" + index + "\uFDD1";
  }
}
