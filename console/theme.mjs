// Our own accent, so that nobody takes this for AWS's page. Made into a style sheet at build time: the page may not add styles by itself.
const accent = { light: '#0f766e', dark: '#2dd4bf' };
const strong = { light: '#115e59', dark: '#5eead4' };
const onAccent = { light: '#ffffff', dark: '#04211e' };
const soft = { light: '#e6f6f4', dark: '#0d2b29' };

export const theme = {
  tokens: {
    colorBackgroundButtonPrimaryDefault: accent,
    colorBackgroundButtonPrimaryHover: strong,
    colorBackgroundButtonPrimaryActive: strong,
    colorTextButtonPrimaryDefault: onAccent,
    colorTextButtonPrimaryHover: onAccent,
    colorTextButtonPrimaryActive: onAccent,
    colorBorderButtonNormalDefault: accent,
    colorBorderButtonNormalHover: strong,
    colorBorderButtonNormalActive: strong,
    colorTextButtonNormalDefault: accent,
    colorTextButtonNormalHover: strong,
    colorTextButtonNormalActive: strong,
    colorBackgroundButtonNormalHover: soft,
    colorBackgroundButtonNormalActive: soft,
    colorBackgroundControlChecked: accent,
    colorBackgroundSliderHandleDefault: accent,
    colorBackgroundSliderHandleActive: strong,
    colorBackgroundSliderRangeDefault: accent,
    colorBackgroundSliderRangeActive: strong,
    colorBorderInputFocused: accent,
    colorBackgroundSegmentActive: accent,
    colorTextSegmentActive: onAccent,
    colorBorderItemFocused: accent,
    colorBorderItemSelected: accent,
    colorBackgroundItemSelected: soft,
    colorTextAccent: accent,
    colorTextLinkDefault: accent,
    colorTextLinkHover: strong,
    colorTextLinkButtonNormalDefault: accent,
    colorBackgroundLayoutToggleSelectedDefault: accent,
    colorBackgroundLayoutToggleSelectedHover: strong,
  },
};
