-- Views changed in all formats from 2026-08-24 (blog.youtube, "engaged-views-youtube-explained"); 2026-08-27 is only when the revision
-- history of the API said so. Average view duration rests on engaged views since then (support.google.com/youtube/answer/12220281).
set role ytempire_owner;

delete from core.metric_breaks where metric = 'views' and video_format = 'any' and day = '2026-08-27';
insert into core.metric_breaks values
  ('views', 'any', '2026-08-24', 'plays that passed the first seconds; since then engagedViews', 'every start of playback, in all formats'),
  ('averageViewDuration', 'any', '2026-08-24', 'watch time divided by views', 'watch time divided by engaged views')
on conflict (metric, video_format, day) do update set before = excluded.before, after = excluded.after;

reset role;
