package io.fundamentallm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds where a template that can only render puts the messages. */
final class ChatPlaceholders {
  /** Delimited by noncharacters: no text has them, and no template changes them. */
  private static final Pattern PLACEHOLDER = Pattern.compile("\uFDD0(\\d{1,9})\uFDD1");

  private ChatPlaceholders() {}

  /**
   * Renders with a placeholder for each content, then puts the contents in. A template may leave
   * out, repeat or reorder messages.
   */
  static List<ChatSegment> segments(
      ChatTemplate template, List<ChatMessage> messages, boolean addGenerationPrompt) {
    List<ChatMessage> marked = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      marked.add(new ChatMessage(messages.get(i).role(), "\uFDD0" + i + "\uFDD1"));
    }
    String rendered = template.render(marked, addGenerationPrompt);
    List<ChatSegment> segments = new ArrayList<>();
    int at = 0;
    Matcher found = PLACEHOLDER.matcher(rendered);
    while (found.find()) {
      int index = Integer.parseInt(found.group(1));
      if (index < messages.size()) { // otherwise they are the template's own words
        add(segments, rendered.substring(at, found.start()), false);
        add(segments, messages.get(index).content(), true);
        at = found.end();
      }
    }
    add(segments, rendered.substring(at), false);
    return List.copyOf(segments);
  }

  private static void add(List<ChatSegment> segments, String text, boolean fromMessage) {
    if (!text.isEmpty()) {
      segments.add(new ChatSegment(text, fromMessage));
    }
  }
}
