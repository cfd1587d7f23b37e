/** The fence and the fix from above: the site's ground, the circle that the phone may be in. */

import type { Fix, WorkSite } from "../wire";
import { t } from "../words/words";
import { draw } from "./fence";

export function FencePicture({ site, fix }: { site: WorkSite; fix: Fix | null }) {
  const drawing = draw(site, fix);
  if (drawing === null) return null;
  const { box, path, radiusM, fix: spot, barM } = drawing;
  const unit = box.sideM / 100;
  const margin = unit * 4;
  return (
    <svg
      class="fence"
      viewBox={`${box.x} ${box.y} ${box.sideM} ${box.sideM}`}
      role="img"
      aria-label={t.value.fix.picture}
    >
      <path class="ground" d={path} stroke-width={radiusM * 2} />
      <path class="site" d={path} stroke-width={unit * 1.6} />
      {spot?.accuracyM && (
        <circle
          class="accuracy"
          cx={spot.x}
          cy={spot.y}
          r={spot.accuracyM}
          stroke-width={unit * 0.6}
        />
      )}
      {spot && <circle class="me" cx={spot.x} cy={spot.y} r={unit * 2} stroke-width={unit * 0.8} />}
      <g transform={`translate(${box.x + margin} ${box.y + box.sideM - margin})`}>
        <path class="bar" d={`M0 ${-unit}v${unit}h${barM}v${-unit}`} stroke-width={unit * 0.5} />
        <text class="bar-word" x={unit} y={-unit * 1.6} font-size={unit * 4}>
          {t.value.distance(barM)}
        </text>
      </g>
    </svg>
  );
}
