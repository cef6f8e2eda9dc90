package townmap

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestTilesAreWhereMarksAre: any point of the drawing is, in the tile that the
// usual formula of tile servers names, as far across as that formula says.
func TestTilesAreWhereMarksAre(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, reach := range []float64{112, 336, 1120} {
		v := newView(center(), reach)
		tiles := map[string]Tile{}
		for _, tile := range Draw(Scene{Center: center(), Reach: reach, Tiles: &TileSource{"{z}/{x}/{y}", 22}}).Tiles {
			tiles[tile.URL] = tile
		}
		z := v.zoom(22)
		for range 2000 {
			p := from((2*random.Float64()-1)*reach*.999, (2*random.Float64()-1)*reach*.999)
			n, lat := math.Exp2(float64(z)), p.Lat*math.Pi/180
			x, y := (p.Long+180)/360*n, (1-math.Log(math.Tan(lat)+1/math.Cos(lat))/math.Pi)/2*n
			tile, ok := tiles[fmt.Sprintf("%d/%d/%d", z, int(x), int(y))]
			if !ok {
				t.Fatalf("reach %g: no tile %d/%d/%d", reach, z, int(x), int(y))
			}
			at := v.at(p)
			left, top := tile.X+(x-math.Floor(x))*(tile.Width-seam), tile.Y+(y-math.Floor(y))*(tile.Height-seam)
			if math.Abs(left-at.x) > .05 || math.Abs(top-at.y) > .05 {
				t.Fatalf("reach %g: %v is drawn at %v, on its tile at %g, %g", reach, p, at, left, top)
			}
		}
		for url, tile := range tiles {
			if pixel := tile.Width / tilePixels * shownWidth / Size; pixel < .5 || pixel > 1.01 {
				t.Errorf("reach %g: a pixel of %s is %g of the screen's", reach, url, pixel)
			}
			if tile.X >= Size || tile.Y >= Size || tile.X+tile.Width <= 0 || tile.Y+tile.Height <= 0 {
				t.Errorf("reach %g: %s is not on the drawing", reach, url)
			}
		}
		if len(tiles) > 49 {
			t.Errorf("reach %g: %d tiles", reach, len(tiles))
		}
	}
}

// TestTilesUpToTheirZoom: a source that ends early is drawn larger.
func TestTilesUpToTheirZoom(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 12, 15} {
		tiles := Draw(Scene{Center: center(), Reach: 336, Tiles: &TileSource{"{z}|{x}|{y}", most}}).Tiles
		if len(tiles) == 0 || len(tiles) > 4 {
			t.Errorf("zoom %d: %d tiles", most, len(tiles))
		}
	}
	// 45.5, -73.9 is in tile 9/150/183 of every map of the kind.
	if got := Draw(Scene{Center: center(), Reach: 336, Tiles: &TileSource{"{z}/{x}/{y}", 9}}).Tiles; got[0].URL != "9/150/183" {
		t.Errorf("tile %s", got[0].URL)
	}
	if got := Draw(Scene{Center: center(), Reach: 336}).Tiles; got != nil {
		t.Errorf("%d tiles of nobody", len(got))
	}
}
