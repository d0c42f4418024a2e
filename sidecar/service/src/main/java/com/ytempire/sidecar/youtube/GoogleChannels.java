package com.ytempire.sidecar.youtube;

import com.google.api.services.youtube.model.Channel;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.ChannelTotals;
import com.ytempire.sidecar.youtube.YouTube.OwnChannel;
import com.ytempire.sidecar.youtube.YouTube.PublicChannel;
import java.math.BigInteger;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Channels by the Data API's {@code channels.list}. Safe to share between threads. */
final class GoogleChannels {
  private final DataApi data;

  GoogleChannels(DataApi data) {
    this.data = data;
  }

  OwnChannel ownChannel(Call call) {
    var answer =
        GoogleRequests.changed(
            data.execute(
                DataApi.CHANNELS,
                call,
                () ->
                    GoogleRequests.authorized(
                            data.client()
                                .channels()
                                .list(List.of("id", "snippet", "contentDetails"))
                                .setMine(true),
                            call)
                        .execute()));
    data.requireKind(answer);
    if (answer.getItems() == null || answer.getItems().isEmpty()) {
      throw new YouTubeException(
          new Failure.NoChannel("The Google account has no YouTube channel."));
    }
    var channel = answer.getItems().getFirst();
    return new OwnChannel(
        channel.getId(),
        channel.getSnippet().getTitle(),
        // Empty where a channel has none yet.
        Objects.requireNonNullElse(
            channel.getContentDetails().getRelatedPlaylists().getUploads(), ""));
  }

  Optional<PublicChannel> channelByHandle(Call call, String handle) {
    return list(call, List.of("id", "snippet"), request -> request.setForHandle(handle)).stream()
        .findFirst()
        .map(channel ->
            new PublicChannel(
                channel.getId(),
                channel.getSnippet().getTitle(),
                Objects.requireNonNullElse(channel.getSnippet().getCustomUrl(), handle)));
  }

  List<ChannelTotals> channelTotals(Call call, List<String> channelIds) {
    return list(
            call,
            List.of("id", "statistics"),
            request -> request.setId(channelIds).setMaxResults((long) YouTube.IDS_PER_CALL))
        .stream()
        .map(channel -> {
          var statistics = channel.getStatistics();
          boolean hidden = Boolean.TRUE.equals(statistics.getHiddenSubscriberCount());
          return new ChannelTotals(
              channel.getId(),
              orNull(statistics.getViewCount()),
              hidden ? null : orNull(statistics.getSubscriberCount()),
              number(statistics.getVideoCount(), 0L));
        })
        .toList();
  }

  /**
   * Channels that everybody may ask for, those that a request names.
   *
   * @param named gives the request their handle or ids
   */
  private List<Channel> list(
      Call call,
      List<String> parts,
      UnaryOperator<com.google.api.services.youtube.YouTube.Channels.List> named) {
    var answer =
        GoogleRequests.changed(
            data.execute(
                DataApi.CHANNELS,
                call,
                () ->
                    data.credited(named.apply(data.client().channels().list(parts)), call)
                        .execute()));
    data.requireKind(answer);
    return Objects.requireNonNullElse(answer.getItems(), List.of());
  }

  private static long number(@Nullable BigInteger value, long missing) {
    return value == null ? missing : value.longValueExact();
  }

  private static @Nullable Long orNull(@Nullable BigInteger value) {
    return value == null ? null : value.longValueExact();
  }
}
