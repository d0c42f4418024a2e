package com.ytempire.sidecar.config;

/**
 * The root addresses of Google's services; Google's own by default.
 *
 * @param feed root of the feeds of new videos, and {@code hub} the hub that pushes them
 */
public record GoogleUrls(
    String accounts,
    String oauth,
    String data,
    String analytics,
    String reporting,
    String feed,
    String hub) {
  static GoogleUrls read(SettingsReader reader) {
    return new GoogleUrls(
        reader.address("GOOGLE_ACCOUNTS_URL", "https://accounts.google.com"),
        reader.address("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com"),
        reader.address("GOOGLE_DATA_URL", "https://www.googleapis.com"),
        reader.address("GOOGLE_ANALYTICS_URL", "https://youtubeanalytics.googleapis.com"),
        reader.address("GOOGLE_REPORTING_URL", "https://youtubereporting.googleapis.com"),
        reader.address("GOOGLE_FEED_URL", "https://www.youtube.com"),
        reader.address("GOOGLE_HUB_URL", "https://pubsubhubbub.appspot.com/subscribe"));
  }
}
