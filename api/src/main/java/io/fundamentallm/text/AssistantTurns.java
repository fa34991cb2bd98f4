package io.fundamentallm.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.ListIterator;

/** Finds what an assistant wrote in the text of a template that does not say so itself. */
final class AssistantTurns {
  /** Each turn is rendered by itself: characters of all these renderings. */
  private static final long MOST = 1L << 26;

  private static final String ASSISTANT = "assistant";

  /** Words that begin like no other's: with a noncharacter. */
  private static final String OTHER_WORDS = "\uFDD2";

  /** A rendering, and which of its characters the assistant wrote. */
  private record Example(String text, List<ChatSegment> segments, BitSet generated) {
    static Example of(List<ChatSegment> segments) {
      StringBuilder text = new StringBuilder();
      segments.forEach(segment -> text.append(segment.text()));
      return new Example(text.toString(), segments, new BitSet());
    }

    /** The first character from here on that comes from a message; the length if none does. */
    int nextOfMessage(int from) {
      int at = 0;
      for (ChatSegment segment : segments) {
        int end = at + segment.text().length();
        if (segment.fromMessage() && end > from) {
          return Math.max(at, from);
        }
        at = end;
      }
      return at;
    }

    /** Where a turn at the end ends, without white space that the template writes after it. */
    int end() {
      ChatSegment last = segments.get(segments.size() - 1);
      return last.fromMessage() || last.text().isBlank()
          ? text.length()
          : text.length() - last.text().length() + last.text().stripTrailing().length();
    }
  }

  private final ChatTemplate template;
  private final ChatPrompt conversation;
  private long rendered;

  private AssistantTurns(ChatTemplate template, ChatPrompt conversation) {
    this.template = template;
    this.conversation = conversation;
  }

  static List<List<ChatSegment>> examples(ChatTemplate template, ChatPrompt conversation) {
    return new AssistantTurns(template, conversation).examples();
  }

  private List<List<ChatSegment>> examples() {
    List<ChatMessage> messages = conversation.messages();
    if (messages.stream().noneMatch(message -> message.role().equals(ASSISTANT))) {
      throw new IllegalArgumentException("there is no turn of the role assistant to learn from");
    }
    List<Example> examples = new ArrayList<>();
    examples.add(render(conversation, false));
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i).role().equals(ASSISTANT)) {
        Example with = render(upTo(i + 1), false);
        mark(begin(i, with), with, examples);
      }
    }
    List<List<ChatSegment>> split = new ArrayList<>();
    for (ListIterator<Example> i = examples.listIterator(examples.size()); i.hasPrevious(); ) {
      Example example = i.previous();
      if (!example.generated.isEmpty()) {
        split.add(split(example.segments, example.generated));
      }
    }
    return split;
  }

  private Example render(ChatPrompt prompt, boolean asking) {
    Example example = Example.of(template.segments(prompt, asking));
    rendered += example.text.length();
    if (rendered > MOST) {
      throw new IllegalArgumentException(
          "the conversation is too long to find the assistant's turns in it, with "
              + conversation.messages().size()
              + " messages; split it");
    }
    return example;
  }

  private ChatPrompt upTo(int messages) {
    return conversation.toBuilder().messages(conversation.messages().subList(0, messages)).build();
  }

  /** Marks a turn in the first example that it is a part of, or else in its own. */
  private static void mark(int begin, Example with, List<Example> examples) {
    int end = with.end();
    String turn = with.text.substring(0, end);
    for (Example example : examples) {
      if (example.text.startsWith(turn)) {
        example.generated.set(begin, end);
        return;
      }
    }
    with.generated.set(begin, end);
    examples.add(with);
  }

  /** Where the words of a turn begin in the rendering that ends with it. */
  private int begin(int turn, Example with) {
    if (turn == 0) {
      throw new IllegalArgumentException(
          "the first message is the assistant's; expected one before it that it answers");
    }
    ChatPrompt before = upTo(turn);
    String asking = render(before, true).text;
    int common = commonPrefix(asking, with.text);
    if (common == asking.length()) {
      return common;
    }
    String bare = render(before, false).text;
    if (common < bare.length() && !bare.substring(common).isBlank()) {
      // the template writes a question differently once it is answered
      ChatMessage other = new ChatMessage(ASSISTANT, OTHER_WORDS);
      List<ChatMessage> replaced = new ArrayList<>(before.messages());
      replaced.add(other);
      ChatPrompt answered = conversation.toBuilder().messages(replaced).build();
      return commonPrefix(render(answered, false).text, with.text);
    }
    // a template may begin an answer with words, such as a thought, that a given answer lacks
    return Math.min(common, with.nextOfMessage(bare.length()));
  }

  private static int commonPrefix(String one, String other) {
    int length = Math.min(one.length(), other.length());
    int same = 0;
    while (same < length && one.charAt(same) == other.charAt(same)) {
      same++;
    }
    return same > 0 && Character.isHighSurrogate(one.charAt(same - 1)) ? same - 1 : same;
  }

  /** The segments, cut where the assistant begins and ends. */
  static List<ChatSegment> split(List<ChatSegment> segments, BitSet generated) {
    List<ChatSegment> split = new ArrayList<>();
    int at = 0;
    for (ChatSegment segment : segments) {
      int end = at + segment.text().length();
      for (int from = at; from < end; ) {
        boolean marked = generated.get(from);
        int next = marked ? generated.nextClearBit(from) : generated.nextSetBit(from);
        int to = next < 0 ? end : Math.min(next, end);
        String text = segment.text().substring(from - at, to - at);
        split.add(new ChatSegment(text, segment.fromMessage(), marked));
        from = to;
      }
      at = end;
    }
    return List.copyOf(split);
  }
}
